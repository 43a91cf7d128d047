"""Words get numbers in one pass, and the numbers become token ids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tokenizer import learned

from sentiment_cli.network.ngrams import word_key
from sentiment_cli.reviews.tokenizer import ReviewTokenizer, plain_words
from sentiment_cli.reviews.word_numbers import Pieces, WordNumbers, word_keys

TEXTS = st.lists(
    st.text(st.sampled_from(list("abAB '’n!.:)-/410 \n<br>好吃กé👍\u00ad")), max_size=40),
    max_size=6,
)


@pytest.mark.parametrize("kind", ["word", "bpe"])
@pytest.mark.parametrize("lowercase", [True, False])
@settings(max_examples=60, deadline=None)
@given(texts=TEXTS, max_tokens=st.integers(1, 12))
def test_numbered_words_become_the_ids_that_the_tokenizer_gives(kind, lowercase, texts, max_tokens):
    texts = [*texts, "A good box, isn't it? 4/10 :)"]
    state = learned(texts, kind=kind, lowercase=lowercase, vocab_size=30, min_frequency=1)
    tokenizer = ReviewTokenizer(state, max_tokens=max_tokens, keep="head+tail")
    numbers = WordNumbers(kind, lowercase)
    words, lengths = numbers(texts)
    pieces = Pieces.of(tokenizer.ids(numbers.words), np.int32)
    ids, lengths = tokenizer.truncate(*pieces(words, lengths))
    assert lengths.sum() == len(ids)
    expected = [encoded.ids.tolist() for encoded in tokenizer.encode(texts)]
    assert [own.tolist() for own in np.split(ids, np.cumsum(lengths)[:-1])] == expected


def test_words_are_numbered_as_they_are_met_over_all_calls():
    numbers = WordNumbers("word", lowercase=True)
    assert [array.tolist() for array in numbers(["good box", ""])] == [[0, 1], [2, 0]]
    assert [array.tolist() for array in numbers(["Box lid"])] == [[1, 2], [2]]
    assert list(numbers.words) == ["good", "box", "lid"]


def test_word_keys_are_those_of_plain_words():
    texts = ["Don't!", "", "好吃"]
    keys, lengths = word_keys(texts)
    assert lengths.tolist() == [3, 0, 2]
    assert keys.tolist() == [word_key(word) for text in texts for word in plain_words(text)]
