"""Words as they stand in the text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.predictor import predictor
from support.tokenizer import learned

from sentiment_cli.analysis.explanation.words import find_words
from sentiment_cli.network.architecture import UNK
from sentiment_cli.reviews.tokenizer import ReviewTokenizer


def tokenizer(kind="word", max_tokens=50, keep="head"):
    texts = iter(["amazing cereal don't was good \" fi ! <"] * 3)
    trained = learned(texts, kind=kind, vocab_size=200, min_frequency=1, lowercase=True)
    return ReviewTokenizer(trained, max_tokens=max_tokens, keep=keep)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Amazing!  CEREAL", ["Amazing", "!", "CEREAL"]),
        ("Don’t", ["Do", "n’t"]),
        ("It isnt, It´s", ["It", "is", "nt", ",", "It", "´s"]),
        ("👍🏽 ❤️a &lt;3 it&#39;s :-)", ["👍🏽", "❤️", "a", "&lt;3", "it", "&#39;s", ":-)"]),
        ("这个3.5／5 น้ำ", ["这", "个", "3.5／5", "น้ำ", "ำ"]),
        ("a<br />Good", ["a", "Good"]),
        ("&quot;good&quot;", ["&quot;", "good", "&quot;"]),
        ("good; &lt;br", ["good", ";", "&lt;", "br"]),
        ("ﬁ 😀", ["ﬁ", "😀"]),
    ],
)
def test_case_entities_and_marks_stay(text, shown):
    assert list(find_words(tokenizer(), text).shown) == shown


def test_pieces_are_shown_without_the_space_before_them():
    shown = find_words(tokenizer("bpe"), "Good   CEREAL").shown
    assert "".join(shown) == "GoodCEREAL"


@pytest.mark.parametrize(
    ("keep", "shown"), [("head", ["a", "b"]), ("tail", ["d", "e"]), ("head+tail", ["d", "e"])]
)
def test_of_a_long_review_only_what_is_read(keep, shown):
    words = find_words(tokenizer(max_tokens=2, keep=keep), "a b c d e")
    assert list(words.shown) == shown
    assert words.read.found == 5


def test_unknown_words_are_told():
    assert find_words(predictor().tokenizer, "a zebra box 😀").unknown == [1, 3]


@pytest.mark.parametrize("text", ["", "  ", "<br/>"])
def test_a_text_without_a_word_is_one_unknown_word(text):
    words = find_words(tokenizer(), text)
    assert words.read.ids.tolist() == [UNK]
    assert words.shown == (text,)


@given(st.text(max_size=30))
@example("&0;")  # looks like an entity, and is none
@example("&amp;lt;")
def test_every_token_has_its_place_in_order(text):
    words = find_words(tokenizer(), text)
    assert len(words.spans) == len(words.shown) == len(words.read.ids)
    assert all(0 <= start <= end <= len(words.text) for start, end in words.spans)
    assert [start for start, _ in words.spans] == sorted(start for start, _ in words.spans)


@pytest.mark.parametrize("text", ["Amazing! CEREAL don't", "x &amp; y<br>z", ""])
def test_the_network_reads_what_it_reads_otherwise(text):
    own = tokenizer()
    assert find_words(own, text).read.ids.tolist() == own.encode([text])[0].ids.tolist()
