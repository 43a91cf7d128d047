"""Vectors from text files, made on the spot."""

from __future__ import annotations

import gzip
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentiment_cli.errors import DataError, EnvironmentFault
from sentiment_cli.training.vectors import text_file
from sentiment_cli.training.vectors.text_file import TextVectors

WORDS = ["", "", "good", "bad", "fine"]
GLOVE = "good 1 2 3\nbad -1 .5 1e-1\nelse 7 7 7\n"
EXPECTED = [[0, 0, 0], [0, 0, 0], [1, 2, 3], [-1, 0.5, 0.1], [0, 0, 0]]


@pytest.fixture
def file(tmp_path):
    """Write a file of vectors and open it."""

    def made(content, name="some.txt"):
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return TextVectors(tmp_path / name, name)

    return made


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("glove.txt", GLOVE),
        ("word2vec.txt", f"3 3\n{GLOVE}"),
        ("fasttext.vec", f"3 3\n{GLOVE.replace(chr(10), f' {chr(10)}')}"),  # a space at each end
        ("tabs.txt", GLOVE.replace(" ", "\t")),
        ("windows.txt", GLOVE.replace("\n", "\r\n")),
        ("endless.txt", GLOVE.rstrip("\n")),
        ("packed.txt.gz", gzip.compress(GLOVE.encode(), mtime=0)),
        ("packed.vec.gz", gzip.compress(f"3 3\n{GLOVE}".encode(), mtime=0)),
    ],
)
def test_each_format_gives_the_same(file, name, content):
    vectors = file(content, name)
    found = vectors.look_up(WORDS)
    assert vectors.size == 3
    assert found.vectors.dtype == np.float32
    assert np.allclose(found.vectors, EXPECTED)
    assert found.known.tolist() == [False, False, True, True, False]
    assert found.broken == 0


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("fine 1 2", "2 numbers where 3 are expected: 'fine 1 2'"),
        ("fine 1 2 3 4", "4 numbers where 3 are expected"),
        ("fine", "0 numbers where 3 are expected"),
        ("", "0 numbers where 3 are expected: ''"),
        ("fine 1 two 3", "not all of its fields are numbers: 'fine 1 two 3'"),
        ("fine 1 nan 3", "not all of its fields are numbers"),
        ("fine 1 1e39 3", "not all of its fields are numbers"),
        ("fine 1  3", "not all of its fields are numbers"),
        ("fine \x1b[31m", r"1 numbers where 3 are expected: 'fine \x1b[31m'"),
    ],
)
def test_broken_lines_are_counted_and_the_first_is_told(file, line, fault):
    content = GLOVE.replace("bad", f"{line}\n{line}\nbad", 1)
    found = file(content).look_up(WORDS)
    assert np.allclose(found.vectors, EXPECTED)
    assert found.broken == 2
    assert found.first_broken.startswith(f"some.txt:2: {fault}")


def test_a_broken_first_line_does_not_decide_the_size(file):
    vectors = file(f"cut 1\n{GLOVE}")
    assert vectors.size == 3
    assert vectors.look_up(WORDS).first_broken.startswith("some.txt:1: ")


def test_a_word_of_broken_letters_is_no_fault(file):
    found = file(GLOVE.encode() + b"caf\xe9 1 1 1\n").look_up(WORDS)
    assert found.broken == 0


def test_a_line_without_end_is_one_broken_line(file, monkeypatch):
    monkeypatch.setattr(text_file, "_LONGEST", 64)
    found = file(GLOVE.replace("bad", f"x{' 1' * 500}\nbad")).look_up(WORDS)
    assert np.allclose(found.vectors, EXPECTED)
    assert found.broken == 1


@pytest.mark.parametrize("content", ["", "\n\n", "word\nanother\n", "3 0\n", f"1 {'9' * 5000}"])
def test_a_file_of_no_vectors_is_refused_at_once(file, content):
    with pytest.raises(DataError, match="holds no word vectors"):
        file(content)


def test_a_file_of_which_no_line_can_be_read_is_an_error_with_the_first(file):
    vectors = file(b"1000 300\n\x00\x01binary\x02\n\xff\xfe\n")
    assert vectors.size == 300
    with pytest.raises(DataError, match=r"no line of some.txt holds a word vector; some.txt:2: "):
        vectors.look_up(WORDS)


def test_a_damaged_gzip_is_told(file):
    with pytest.raises(DataError, match="cannot unpack"):
        file(gzip.compress(GLOVE.encode(), mtime=0)[:-9]).look_up(WORDS)


def test_a_folder_is_no_file_of_vectors(tmp_path):
    with pytest.raises(EnvironmentFault, match="some"):
        TextVectors(tmp_path, "some")


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(max_size=60)
    | st.lists(st.sampled_from([*b" \n\t\r0123456789.-e\xffga"]), max_size=60).map(bytes)
)
def test_whatever_bytes_there_are_is_read_or_refused(file, content):
    with suppress(DataError):
        found = file(content).look_up(["g", "a", "0", ""])
        assert found.vectors[~found.known].any() == np.False_
        assert np.isfinite(found.vectors).all()


def test_memory_does_not_grow_with_the_file(file):
    def peak(lines):
        vectors = file("".join(f"word{i} {' '.join(['0.125'] * 50)}\n" for i in range(lines)))
        tracemalloc.start()
        vectors.look_up(WORDS)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(20_000) < 1.5 * peak(1_000)
