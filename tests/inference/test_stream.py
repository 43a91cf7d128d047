"""A stream of reviews in batches."""

from __future__ import annotations

import gzip
import io
import json
import os
import queue
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_cli.errors import DataError
from sentiment_cli.inference.stream import batches, texts_of_lines
from sentiment_cli.reviews.sources import FIELD_LIMIT


def lines(data, **options):
    return list(texts_of_lines(io.BytesIO(data).read, **options))


def test_plenty_of_texts_come_in_order_in_batches_that_are_not_too_large():
    texts = [str(i) for i in range(2500)]
    found = list(batches(iter(texts), size=100))
    assert [text for batch in found for text in batch] == texts
    assert max(map(len, found)) <= 100


def test_batches_are_full_when_the_texts_have_arrived():
    waiting = threading.Event()

    def texts():
        yield "first"
        for number in range(200):
            yield str(number)
        waiting.set()

    stream = batches(texts(), size=100)
    first = next(stream)
    assert first[0] == "first"
    assert waiting.wait(2)
    assert len(next(stream)) == 100


def test_a_waiting_writer_gets_its_answer():
    source: queue.Queue[str] = queue.Queue()
    stream = batches(iter(source.get, "end"), size=100)
    for text in ("first", "second"):
        source.put(text)
        assert next(stream) == [text]
    source.put("end")
    assert list(stream) == []


def test_an_error_comes_after_what_was_read():
    def texts():
        yield "good"
        raise DataError("broken")

    stream = batches(texts(), size=10)
    assert next(stream) == ["good"]
    with pytest.raises(DataError, match="broken"):
        next(stream)


def test_no_more_than_two_batches_are_read_ahead():
    read = []
    ready = threading.Event()

    def texts():
        for number in range(1000):
            read.append(number)
            if len(read) > 20:
                ready.set()
            yield str(number)

    stream = batches(texts(), size=10)
    next(stream)
    ready.wait(2)
    assert len(read) <= 40


def test_plain_lines_are_reviews():
    assert lines(b"good\r\n\nbad") == ["good", "", "bad"]


def test_json_lines_give_their_text():
    assert lines(b'{"text": "a\\nb", "id": 1}\n{"text": "c"}\n') == ["a\nb", "c"]


def test_braces_and_brackets_alone_make_no_json():
    plain = ["{sigh} not good", "{", "[so] good", '["Great" film]']
    assert lines("\n".join(plain).encode()) == plain


@pytest.mark.parametrize(
    ("first", "run_key", "chosen", "is_guess"),
    [
        ({"id": "A1", "text": "a"}, "text", "text", False),
        ({"id": "A1", "review": "a"}, "text", "review", False),
        ({"text": "title", "body": "a"}, "body", "body", True),
        ({"id": "A1", "Review": "a"}, "text", "Review", False),
        ({"id": "A1", "BODY": "a"}, "body", "BODY", False),
        ({"id": "A1", "text": None}, "text", "text", False),
        ({"id": 1, "comment": "a"}, "text", "comment", True),
        ({"review": 5, "text": "a"}, "text", "text", False),
    ],
)
def test_the_first_object_decides_which_key_holds_the_text(first, run_key, chosen, is_guess):
    guessed = []
    data = f"{json.dumps(first)}\n{json.dumps({**first, chosen: 'b'})}\n".encode()
    found = lines(data, run_key=lambda: run_key, on_guess=guessed.append)
    assert found == [first[chosen] or "", "b"]
    assert guessed == [chosen] * is_guess


def test_a_key_that_is_asked_for_counts_before_all_others():
    data = b'{"text": "a", "Body": "b"}\n'
    assert lines(data, key="body") == ["b"]


@pytest.mark.parametrize(
    ("data", "options", "hint"),
    [
        (b'{"id": "A1", "body": "long words"}\n', {}, "--text-column body"),
        (b'{"body": "a", "id": 1}\n', {"key": "bdy"}, "--text-column body"),
        (b'{"id": 1, "stars": 5}\n', {}, '{"text": "the review"}'),
        (b"{}\n", {}, '{"text": "the review"}'),
        (b'{\n  "text": "a"\n}\n', {}, "--file reviews.json"),
        (b'[{"text": "a"}]\n', {}, "--file reviews.json"),
        (b'{"text": "a"\n', {}, "--file reviews.json"),
        (b"plain words\n", {"key": "body"}, '{"text": "the review"}'),
    ],
)
def test_a_first_line_that_leaves_the_text_unclear_is_an_error(data, options, hint):
    with pytest.raises(DataError, match="stdin:1: ") as raised:
        lines(data, **options)
    assert hint in (raised.value.hint or "")


def test_blank_null_and_missing_texts_are_empty_texts():
    data = b'\n{"text": "a"}\n{"text": null}\n{"id": 1}\n{"text": NaN}\n\n{"text": ""}\n'
    assert lines(data) == ["", "a", "", "", "", "", ""]


def test_a_text_that_is_a_number_is_read_as_it_is_written():
    assert lines(b'{"text": "a"}\n{"text": 5}\n') == ["a", "5"]


@pytest.mark.parametrize(
    "broken", ['{"text": ', '"stale"', "[1]", "stale", f'{{"n": {"9" * 5000}}}']
)
def test_a_broken_json_line_is_named_after_the_texts_before_it(broken):
    texts = texts_of_lines(io.BytesIO(f'{{"text": "a"}}\n{broken}\n'.encode()).read)
    assert next(texts) == "a"
    with pytest.raises(DataError, match="stdin:2: "):
        next(texts)


def test_a_byte_order_mark_goes_and_bad_bytes_are_read_on():
    assert lines(b"\xef\xbb\xbfgood\nca\xe9\n") == ["good", "ca�"]


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
TEXTS = ["", "good", "naïve — 好吃 😀", "", "上海全是汉字", "bad"]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("as_json", [False, True], ids=["lines", "json"])
def test_encoding_and_gzip_are_found_in_the_first_bytes(encoding, packed, as_json):
    text = "".join(f"{json.dumps({'text': t}) if as_json and t else t}\r\n" for t in TEXTS)
    data = text.encode(encoding)
    assert lines(gzip.compress(data) if packed else data) == TEXTS


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_any_ascii_character_but_line_ends_is_found(encoding):
    assert lines("好吃\n上海全是汉字\n".encode(encoding)) == ["好吃", "上海全是汉字"]


def test_gzip_data_of_several_members_are_read_on():
    assert lines(gzip.compress(b"a\nb") + gzip.compress(b"\nc\n")) == ["a", "b", "c"]


def test_cut_gzip_data_are_an_error():
    with pytest.raises(DataError, match="gzip data are cut"):
        lines(gzip.compress(b"".join(b"%d\n" % i for i in range(9999)))[:-12])


def test_an_endless_line_is_an_error():
    with pytest.raises(DataError, match="stdin:2: a line of more than"):
        lines(b"a\n" + b"x" * (FIELD_LIMIT + 1))


class Trickle(io.RawIOBase):
    """A pipe whose writer sends single bytes."""

    def __init__(self, data):
        self._rest = data

    def readable(self):
        return True

    def readinto(self, buffer):
        size = len(self._rest[:1])
        buffer[:size], self._rest = self._rest[:1], self._rest[1:]
        return size


@given(
    st.lists(st.text(st.characters(exclude_characters="\n\r\0[{", codec="utf-8"), max_size=5)),
    st.booleans(),
)
def test_single_bytes_give_the_same_lines_as_whole_data(texts, packed):
    data = "".join(f"{text}\n" for text in texts).encode()
    data = gzip.compress(data) if packed else data
    assert list(texts_of_lines(Trickle(data).read)) == lines(data)


@pytest.mark.parametrize("encoding", [*ENCODINGS, "gzip"])
def test_no_line_waits_for_the_next_one(encoding):
    """The writer writes a line, waits for its text, and only then writes on."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", 0) as file, os.fdopen(writing, "wb", 0) as pipe:
        packed = gzip.GzipFile(fileobj=pipe, mode="wb") if encoding == "gzip" else None
        stream = texts_of_lines(file.read)
        marked = encoding
        for text in ("", '{"text": "a"}', '{"text": "好"}', ""):
            if packed is not None:
                packed.write(f"{text}\n".encode())
                packed.flush()
            else:
                pipe.write(f"{text}\n".encode(marked))
                marked = marked.removesuffix("-sig")
                marked = "utf-16-le" if marked == "utf-16" else marked
            assert next(stream) == (json.loads(text)["text"] if text else "")
