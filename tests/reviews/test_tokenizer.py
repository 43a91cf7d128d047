"""From a review's text to token ids."""

from __future__ import annotations

import json
import os
import signal
import threading
import time

import pytest

from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import PAD, UNK
from sentiment_cli.reviews.tokenizer import (
    ReviewTokenizer,
    load_tokenizer,
    plain_words,
    train_tokenizer,
)

TEXTS = [
    "I didn't like it.<br />Never again!",
    "don’t buy &quot;Life&quot; &amp; co",
    "it is good!",
]


def trained(kind="word", *, max_tokens=100, keep="head+tail", lowercase=True):
    state = train_tokenizer(
        iter(TEXTS), kind=kind, vocab_size=200, min_frequency=1, lowercase=lowercase
    )
    return ReviewTokenizer(state, max_tokens=max_tokens, keep=keep)


def words(tokenizer, text):
    return tokenizer.tokens(tokenizer.encode([text])[0].ids)


def test_markup_entities_and_apostrophes_are_cleaned():
    tokens = words(trained(), "don’t <br/> &quot;LIKE&quot; it &amp; co!")
    assert tokens == ["don't", '"', "like", '"', "it", "&", "co", "!"]


def test_case_stays_where_it_is_asked_to():
    assert words(trained(lowercase=False), "Life life") == ["Life", "[UNK]"]


def test_a_spelled_special_token_is_an_ordinary_text():
    ids = trained().encode(["[PAD] [UNK]"])[0].ids
    assert PAD not in ids


@pytest.mark.parametrize(
    "text", [*TEXTS, "Rock'n'roll <br/>&#39;tis <BR> a_b 9.5/10 ’ｗｉｄｅ’ naïve, très bien 好!"]
)
def test_plain_words_are_those_of_the_tokenizer(text):
    state = train_tokenizer(
        iter([text]), kind="word", vocab_size=200, min_frequency=1, lowercase=True
    )
    tokenizer = ReviewTokenizer(state, max_tokens=100, keep="head")
    assert plain_words(text) == words(tokenizer, text)


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_a_text_without_a_token_is_one_unknown_word(text):
    read = trained().encode([text])[0]
    assert read.ids.tolist() == [UNK]
    assert read.found == 0


@pytest.mark.parametrize(
    ("keep", "kept"),
    [("head", "01234567"), ("tail", "23456789"), ("head+tail", "01256789")],
)
def test_long_reviews_keep_the_end_that_is_asked_for(keep, kept):
    state = train_tokenizer(
        iter(["0 1 2 3 4 5 6 7 8 9"]), kind="word", vocab_size=50, min_frequency=1, lowercase=True
    )
    tokenizer = ReviewTokenizer(state, max_tokens=8, keep=keep)
    read = tokenizer.encode(["0 1 2 3 4 5 6 7 8 9"])[0]
    assert tokenizer.tokens(read.ids) == list(kept)
    assert read.found == 10


def test_min_frequency_makes_rare_words_unknown():
    state = train_tokenizer(
        iter(["good good bad"]), kind="word", vocab_size=50, min_frequency=2, lowercase=True
    )
    assert words(ReviewTokenizer(state, max_tokens=9, keep="head"), "good bad") == ["good", "[UNK]"]


def test_bpe_reads_unseen_words_by_their_pieces():
    tokenizer = trained("bpe")
    pieces = words(tokenizer, "gooder days")
    assert "".join(pieces) == " gooder days"
    assert len(pieces) > 2


@pytest.mark.parametrize("kind", ["word", "bpe"])
def test_json_round_trip(kind):
    tokenizer = trained(kind)
    again = ReviewTokenizer(
        load_tokenizer(tokenizer.to_json(), place="t"), max_tokens=100, keep="head+tail"
    )
    for text in [*TEXTS, "some other text [UNK] ☕"]:
        assert again.encode([text])[0].ids.tolist() == tokenizer.encode([text])[0].ids.tolist()
    assert again.to_json() == tokenizer.to_json()


@pytest.mark.parametrize("kind", ["word", "bpe"])
def test_training_is_a_function_of_the_texts(kind):
    assert trained(kind).to_json() == trained(kind).to_json()


def _change(state, path, value):
    for key in path[:-1]:
        state = state[key]
    state[path[-1]] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("normalizer",), None),
        (("pre_tokenizer", "pattern", "Regex"), "(a+)+$"),
        (("added_tokens",), [{"id": 0, "content": "the", "special": True}]),
        (("truncation",), {"max_length": 2}),
        (("model", "unk_token"), "the"),
        (("model", "type"), "Unigram"),
        (("model", "vocab"), {"[PAD]": 0, "[UNK]": 1, "a": 7}),
        (("model", "vocab"), {"[PAD]": 1, "[UNK]": 0}),
        (("post_processor",), {"type": "ByteLevel"}),
    ],
)
def test_foreign_components_are_refused(path, value):
    state = json.loads(trained().to_json())
    _change(state, path, value)
    with pytest.raises(ModelError, match=r"here/tokenizer\.json is no tokenizer of ours"):
        load_tokenizer(json.dumps(state).encode(), place="here/tokenizer.json")


def test_a_merge_longer_than_any_token_is_refused():
    state = json.loads(trained(kind="bpe").to_json())
    longest = max(state["model"]["vocab"], key=len)
    state["model"]["merges"].append([longest, longest])
    with pytest.raises(ModelError, match="a merge makes a token"):
        load_tokenizer(json.dumps(state).encode(), place="t")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b"null", b'{"model": {}}'])
def test_what_is_no_tokenizer_is_refused(data):
    with pytest.raises(ModelError):
        load_tokenizer(data, place="t")


def test_a_signal_is_seen_while_a_vocabulary_is_learned():
    seen, in_time = [], []

    def texts():
        end = time.monotonic() + 20
        while not seen and time.monotonic() < end:
            yield "crunchy"
        in_time.append(bool(seen))

    before = signal.signal(signal.SIGUSR1, lambda number, _: seen.append(number))
    try:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        train_tokenizer(texts(), kind="word", vocab_size=10, min_frequency=1, lowercase=True)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert in_time == [True]
