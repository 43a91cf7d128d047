"""Which words of a file go to which words of a vocabulary."""

from __future__ import annotations

import pytest
from support.tokenizer import learned

from sentiment_cli.reviews.tokenizer import ReviewTokenizer
from sentiment_cli.training.vectors.words import Wanted, spelled


def given(vocabulary, offered):
    """Vocabulary word: the spelling whose vector it ends with, from words offered in order."""
    wanted = Wanted(vocabulary)
    found = {}
    for word in offered:
        ids = wanted.ids_for(word)
        wanted.take(word, ids)
        found |= {vocabulary[i]: word for i in ids}
    assert [bool(known) for known in wanted.known] == [word in found for word in vocabulary]
    return found


@pytest.mark.parametrize(
    ("vocabulary", "offered", "found"),
    [
        (["good"], ["good", "bad"], {"good": "good"}),
        (["good", "bad"], ["good"], {"good": "good"}),
        (["good"], ["GOOD", "Good"], {"good": "GOOD"}),  # the first, which is the most frequent
        (["good"], ["GOOD", "good", "Good"], {"good": "good"}),  # its own, wherever it stands
        (["good"], ["good", "GOOD", "good"], {"good": "good"}),
        (["Good", "good"], ["good"], {"Good": "good", "good": "good"}),
        (["Good", "good"], ["good", "Good"], {"Good": "Good", "good": "good"}),
        (["", "a"], ["", "a"], {"a": "a"}),
    ],
)
def test_its_own_spelling_first_then_the_first_that_differs_by_case(vocabulary, offered, found):
    assert given(vocabulary, offered) == found


def tokenizer(kind, texts, **settings):
    trained = learned(
        iter(texts), kind=kind, vocab_size=60, min_frequency=1, **{"lowercase": True} | settings
    )
    return ReviewTokenizer(trained, max_tokens=9, keep="head")


def test_a_word_is_spelled_as_it_is_and_special_tokens_are_no_words():
    found = spelled(tokenizer("word", ["don't [PAD] me !"]), "word")
    assert found[:2] == ["", ""]
    assert {"do", "n't", "pad", "me", "!", "[", "]"} == set(found[2:])


def test_of_pieces_those_that_open_a_word_and_marks_are_spelled():
    own = tokenizer("bpe", ["low low lower isn't lowest !"] * 9)
    found = dict(zip(own.tokens(range(own.vocab_size)), spelled(own, "bpe"), strict=True))
    assert found[" low"] == "low"
    assert found["!"] == "!"
    assert found["n't"] == "n't"
    assert found["w"] == ""
