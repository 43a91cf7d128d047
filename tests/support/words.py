"""Reviews given as words, for the linear models."""

import numpy as np

from sentiment_cli.network.ngrams import word_key


def keys_of(reviews):
    """Return the keys of the words of reviews, and the number of words of each."""
    keys = [word_key(word) for words in reviews for word in words]
    return np.array(keys, np.uint64), np.array([len(words) for words in reviews], np.int64)
