"""From a review's text to token ids."""

from __future__ import annotations

import functools
import json
import os
import pickle
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tokenizer import learned
from tokenizers import Tokenizer

from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import PAD, UNK
from sentiment_cli.reviews import chunk_table
from sentiment_cli.reviews.tokenizer import (
    ReviewTokenizer,
    load_tokenizer,
    plain_words,
)

TEXTS = [
    "I didn't like it.<br />Never again!",
    "don’t buy &quot;Life&quot; &amp; co",
    "it is good!",
]


def trained(kind="word", *, max_tokens=100, keep="head+tail", lowercase=True):
    state = learned(iter(TEXTS), kind=kind, vocab_size=200, min_frequency=1, lowercase=lowercase)
    return ReviewTokenizer(state, max_tokens=max_tokens, keep=keep)


def words(tokenizer, text):
    return tokenizer.tokens(tokenizer.encode([text])[0].ids)


def test_markup_entities_and_apostrophes_are_cleaned():
    tokens = words(trained(), "don’t <br/> &quot;LIKE&quot; it &amp; co!")
    assert tokens == ["do", "n't", '"', "like", '"', "it", "&", "co", "!"]


def test_case_stays_where_it_is_asked_to():
    assert words(trained(lowercase=False), "Life life") == ["Life", "[UNK]"]


def test_a_spelled_special_token_is_an_ordinary_text():
    ids = trained().encode(["[PAD] [UNK]"])[0].ids
    assert PAD not in ids


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The film isn't good.", "the|film|is|n't|good|."),
        ("can't won't shouldn't've", "ca|n't|wo|n't|should|n't|'ve"),
        ("it's they're we'll I'd I'm the 80's", "it|'s|they|'re|we|'ll|i|'d|i|'m|the|80|'s"),
        ("ISN'T DONT Wasnt", "is|n't|do|n't|was|n't"),
        ("wont cant ill were its hadntt isnta", "wont|cant|ill|were|its|hadntt|isnta"),
        ("rock'n'roll o'clock l'amour ma'am", "rock'n'roll|o'clock|l'amour|ma'am"),
        ("'good' ‘so-so’ the actors' 'tis", "'|good|'|'|so|-|so|'|the|actors|'|'|tis"),
    ],
)
def test_contractions_are_split_and_other_apostrophes_are_not(text, tokens):
    assert plain_words(text) == tokens.split("|")


@pytest.mark.parametrize("apostrophe", "'’ʼ‘＇`´")
def test_contractions_are_equal_with_every_apostrophe(apostrophe):
    assert plain_words(f"isn{apostrophe}t") == ["is", "n't"]


@pytest.mark.parametrize("typed", ["isnt", "is n't", "IS N’T", "isn&#39;t", "is<br />n't"])
def test_contractions_are_equal_in_every_spelling(typed):
    assert plain_words(typed) == ["is", "n't"]


@pytest.mark.parametrize("kind", ["word", "bpe"])
def test_contractions_keep_their_case_without_lowercase(kind):
    state = learned(
        iter(["Isn't ISN'T"] * 9), kind=kind, vocab_size=60, min_frequency=1, lowercase=False
    )
    tokenizer = ReviewTokenizer(state, max_tokens=9, keep="head")
    for contraction, split in (("Isnt", "Is n't"), ("ISNT", "IS N'T")):
        assert words(tokenizer, contraction) == words(tokenizer, split)
        assert "".join(words(tokenizer, contraction)).strip() == split.replace(" ", "")


@pytest.mark.parametrize(
    "emoticon",
    [":)", ":-)", ":(", ":-(", ";)", ";-)", ":D", ":-D", ":'(", ":'-(", ":/", ":-/", ":P", ":p",
     "=)", "=(", ":|", ":O", ":*", ":]", ":\\", "<3", "</3", "^_^", "-_-", ">_<", "XD"],
)  # fmt: skip
def test_emoticons_are_one_token(emoticon):
    assert plain_words(f"so {emoticon} good") == ["so", emoticon.lower(), "good"]
    assert plain_words(f"{emoticon}. {emoticon}")[0] == emoticon.lower()


def test_an_emoticon_behind_a_word_or_as_an_entity_is_found():
    assert plain_words("nice:) I&lt;3 it") == ["nice", ":)", "i", "<3", "it"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("http://a.b/c", "http|:|/|/|a|.|b|/|c"),
        ("at 8:30", "at|8|:|30"),
        ("(1:D)", "(|1|:|d|)"),
        ("**Pros:** x", "*|*|pros|:|*|*|x"),
        ("note:(see)", "note|:|(|see|)"),
        ("C:\\dir :Paul <3.5", "c|:|\\|dir|:|paul|<|3.5"),
    ],
)
def test_marks_that_are_no_emoticon_stay_apart(text, tokens):
    assert plain_words(text) == tokens.split("|")


@pytest.mark.parametrize("emoji", ["😀", "👍🏽", "👨‍👩‍👧", "🏳️‍🌈", "🇩🇪", "1️⃣", "#️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☕", "★"])
def test_emoji_are_one_token(emoji):
    (token,) = plain_words(emoji)
    assert plain_words(f"good {emoji}{emoji}!") == ["good", token, token, "!"]


def test_a_heart_is_one_token_with_and_without_variation_selector():
    assert plain_words("❤️ ❤") == ["❤", "❤"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("9/10 10/10! 3.5/5. 4,5/5, 70/100", "9/10|10/10|!|3.5/5|.|4,5/5|,|70/100"),
        ("8 / 10 and 8/ 10", "8/10|and|8/10"),
        ("9/11 24/7 50/50", "9|/|11|24|/|7|50|/|50"),
        ("1/5/10 on 9/10/2005", "1|/|5|/|10|on|9|/|10|/|2005"),
        ("5 stars ★★☆", "5|stars|★|★|☆"),
        ("4.5 1,000.50 100% $4 3-4", "4.5|1,000.50|100|%|$|4|3|-|4"),
        ("80s 3D 2nd.", "80s|3d|2nd|."),
    ],
)
def test_ratings_and_numbers_are_one_token(text, tokens):
    assert plain_words(text) == tokens.split("|")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("这个电影真好看。", "这|个|电|影|真|好|看|。"),
        ("とてもスキー々", "と|て|も|ス|キ|ー|々"),
        ("ดีมาก", "ดี|ม|า|ก"),
        ("ດີ ល្អ ကို", "ດີ|ល្|អ|ကို"),
        ("第3集 4.5分 9/10分", "第|3|集|4.5|分|9/10|分"),
        ("iPhone很好", "iphone|很|好"),
        ("정말 좋은 영화", "정말|좋은|영화"),
        ("हिन्दी अच्छी", "हिन्दी|अच्छी"),
        ("جَمِيل می‌خواهم", "جَمِيل|می‌خواهم"),
        ("très naïve, хорошо", "très|naïve|,|хорошо"),
    ],
)
def test_scripts_without_blanks_are_read_by_character(text, tokens):
    assert plain_words(text) == tokens.split("|")


def test_bpe_reads_scripts_without_blanks_as_words():
    state = learned(
        iter(["很好看 很好吃 很好"] * 9), kind="bpe", vocab_size=12, min_frequency=1, lowercase=True
    )
    assert words(ReviewTokenizer(state, max_tokens=9, keep="head"), "很好") == [" 很好"]


def test_blanks_controls_and_soft_hyphens_are_no_tokens():
    assert plain_words("a\x00b\x1cc\u200bd\ufeff \u00a0 mit\u00adein") == [*"abcd", "mitein"]


def test_other_marks_are_one_token_each():
    assert plain_words("Wow!!! a...b (a_b)") == [*["wow", *"!!!"], *"a...b", "(", "a_b", ")"]


def test_half_surrogates_have_plain_words():
    assert plain_words("good \ud83d bad")[::2] == ["good", "bad"]


# Characters that the rules name, which arbitrary texts hardly have.
_PIECES = st.sampled_from(
    [*"'’´`nNtTsd :;=-(/)D<3>_^.,!\"910é好か한क", " ", "good", "Best", "isn't", "dont", " / 10",
     "<br />", "&amp;", "&lt;", "ＡÀ", "\u0301", "\ufe0f", "\u200d", "❤", "👍🏽", "🇩", "\u20e3",
     "\u3099", "ก", "\u0e35", "\u093f", "\x1c", "\x85", "\u2028", "\u3000", "Σİ", "ﷺ½…"]
)  # fmt: skip
_MADE_UP = st.lists(st.one_of(_PIECES, st.text(max_size=3)), max_size=20).map("".join)


@functools.cache
def _learned(kind, lowercase):
    state = learned(
        iter([*TEXTS, "👍🏽 ❤ 好 ก é 9/10 :) -_-"]), kind=kind, vocab_size=300, min_frequency=1,
        lowercase=lowercase,
    )  # fmt: skip
    return ReviewTokenizer(state, max_tokens=100, keep="head")


@pytest.mark.parametrize("kind", ["word", "bpe"])
@given(texts=st.lists(_MADE_UP, max_size=3), lowercase=st.booleans())
def test_tokenizer_json_alone_gives_the_same_ids(kind, texts, lowercase):
    own = _learned(kind, lowercase)
    other = Tokenizer.from_str(own.to_json().decode())
    for text, read in zip(texts, own.encode(texts), strict=True):
        ids = other.encode(text).ids
        assert read.ids.tolist() == (ids or [UNK])[:100]
        assert own.encode_in_place(text)[0].ids.tolist() == (ids or [UNK])[:100]


@given(_MADE_UP)
def test_plain_words_are_those_of_the_tokenizer(text):
    rules = json.loads(_learned("word", True).to_json())
    names = plain_words(text)
    vocab = {"[PAD]": 0, "[UNK]": 1} | {
        name: i for i, name in enumerate(dict.fromkeys(names), start=2)
    }
    rules["model"]["vocab"] = vocab
    ids = Tokenizer.from_str(json.dumps(rules)).encode(text).ids
    assert ids == [vocab[name] for name in names]


@pytest.mark.parametrize(("limit", "value"), [("_ROWS", 12), ("_MAX_IDS", 12), ("_SLOTS_LOG2", 2)])
def test_ids_do_not_depend_on_the_texts_before(monkeypatch, limit, value):
    monkeypatch.setattr(chunk_table, limit, value)
    tokenizer = trained()
    first = [own.ids.tolist() for own in tokenizer.encode(TEXTS)]
    assert [tokenizer.encode([text])[0].ids.tolist() for text in TEXTS] == first
    assert [own.ids.tolist() for own in tokenizer.encode(TEXTS)] == first


@pytest.mark.parametrize("kind", ["word", "bpe"])
def test_a_copy_by_pickle_gives_the_same_ids(kind):
    tokenizer = trained(kind, max_tokens=3)
    copy = pickle.loads(pickle.dumps(tokenizer))
    assert copy.encode(TEXTS)[0].ids.tolist() == tokenizer.encode(TEXTS)[0].ids.tolist()


@pytest.mark.parametrize(
    "piece", ["1.", "1", "a'", "n't", ":-", "-_", "👍‍", "好ี", "<br ", "9/10/", "ـَ", "&am"]
)
def test_long_texts_without_a_blank_take_little_time(piece):
    text = piece * 40_000 + "a"
    start = time.monotonic()
    plain_words(text)
    assert time.monotonic() - start < 5


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
    state = learned(
        iter(["0 1 2 3 4 5 6 7 8 9"]), kind="word", vocab_size=50, min_frequency=1, lowercase=True
    )
    tokenizer = ReviewTokenizer(state, max_tokens=8, keep=keep)
    read = tokenizer.encode(["0 1 2 3 4 5 6 7 8 9"])[0]
    assert tokenizer.tokens(read.ids) == list(kept)
    assert read.found == 10


def test_min_frequency_makes_rare_words_unknown():
    state = learned(
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
        learned(texts(), kind="word", vocab_size=10, min_frequency=1, lowercase=True)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert in_time == [True]


def test_encode_gives_the_same_ids_in_threads(monkeypatch):
    monkeypatch.setattr(chunk_table, "_ROWS", 50)
    tokenizer = trained()
    texts = [[f"it is {word}{i}, good" for i in range(40)] for word in ("a", "b", "don't")]
    expected = [[own.ids.tolist() for own in tokenizer.encode(own)] for own in texts]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(tokenizer.encode, texts * 20))
    assert [[own.ids.tolist() for own in read] for read in found] == expected * 20
