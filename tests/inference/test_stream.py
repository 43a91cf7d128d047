"""A stream of reviews in batches."""

from __future__ import annotations

import io
import queue
import threading

import pytest

from sentiment_cli.errors import DataError
from sentiment_cli.inference.stream import batches, texts_of_lines


def lines(data):
    return list(texts_of_lines(io.BytesIO(data)))


def test_plenty_of_texts_come_in_full_batches_in_order():
    texts = [str(i) for i in range(2500)]
    found = list(batches(iter(texts), size=100))
    assert [text for batch in found for text in batch] == texts
    assert all(len(batch) == 100 for batch in found[1:-1])


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


def test_a_brace_alone_makes_no_json():
    assert lines(b"{sigh} not good\n{\n") == ["{sigh} not good", "{"]


def test_a_broken_json_line_is_named():
    with pytest.raises(DataError, match="stdin:2"):
        lines(b'{"text": "a"}\n{"text": \n')


def test_a_byte_order_mark_goes_and_bad_bytes_are_read_on():
    assert lines(b"\xef\xbb\xbfgood\nca\xe9\n") == ["good", "ca�"]
