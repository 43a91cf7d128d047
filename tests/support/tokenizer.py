"""Tokenizers for tests, learned from a few texts."""

import numpy as np

from sentiment_cli.reviews.tokenizer import train_tokenizer
from sentiment_cli.reviews.word_numbers import WordNumbers


def learned(texts, *, kind="word", lowercase=True, **settings):
    """Return a tokenizer that was learned from texts."""
    numbers = WordNumbers(kind, lowercase)
    ids, _ = numbers(list(texts))
    words = list(numbers.words)
    counts = np.bincount(ids, minlength=len(words)).tolist()
    return train_tokenizer(words, counts, kind=kind, lowercase=lowercase, **settings)
