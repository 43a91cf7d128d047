"""What strict YAML reads, and what it refuses, with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.config.nodes import ListNode, MapNode, Place, ScalarNode
from sentiment_cli.config.yaml import MAX_BYTES, MAX_DEPTH, MAX_VALUES, parse
from sentiment_cli.errors import UsageError

START = Place("a.yaml", Path("/folder"), line=1)


def refusal(text: str | bytes) -> str:
    """What is said of a text that is refused."""
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(UsageError) as raised:
        parse(data, START)
    assert raised.value.hint
    return raised.value.what


def test_keys_and_items_keep_their_text_and_line() -> None:
    root = parse(b"# head\nmodel:\n  cell:\n    'lstm'\ndata: [a,\n  01]\n", START)
    assert isinstance(root, MapNode)
    model, data = root.entries["model"], root.entries["data"]
    assert isinstance(model, MapNode)
    assert isinstance(data, ListNode)
    assert model.place.line == 2
    assert model.entries["cell"] == ScalarNode("lstm", False, START.at(2))
    assert data.items == (ScalarNode("a", True, START.at(4)), ScalarNode("01", True, START.at(5)))


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\ufeff"])
def test_an_empty_document_is_nothing(text: str) -> None:
    root = parse(text.encode(), START)
    assert isinstance(root, ScalarNode)
    assert root.value is None


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a: this key stands here twice"),
        ("a: {b: 1, b: 2}", 1, "b: this key stands here twice"),
        ("a: 1\n'a': 3\n", 2, "a: this key stands here twice"),
        ("a: &x 1\n", 1, "anchors are not read: &x"),
        ("a: 1\nb: *x\n", 2, "aliases are not read: *x"),
        ("a: *.csv\n", 1, "aliases are not read: *.csv"),
        ("? *x\n: 1\n", 1, "aliases are not read: *x"),
        ("a:\n  <<: {b: 1}\n", 2, "merge keys (<<) are not read"),
        ("a: !!python/object:os.system x", 1, "tags are not read"),
        ("!!map\na: 1", 1, "tags are not read"),
        ("a: ! 1", 1, "tags are not read"),
        ("%YAML 1.1\n---\na: 010\n", 2, "YAML directives are not read"),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", 2, "YAML directives are not read"),
        ("a: 1\n---\nb: 1\n", 2, "a second document begins"),
        ("? [a]\n: 1\n", 1, "a key is a list or a mapping"),
        ("a: 1\n: 2\n", 2, "a key is missing"),
        ("a: b: c\n", 1, "not valid YAML"),
        ("a: 1\nb: [1,\n  2\n", 2, "not valid YAML"),
        ("a: 1\nb: 'x\n\n\n", 2, "not valid YAML"),
        ("a:\n\tb: 1\n", 2, "not valid YAML"),
        ('a: "\\UFFFFFFFF"', 1, "not valid YAML"),
        ('a: 1\nb: "\\U00110000"', 2, "not valid YAML"),
        ('a: "\\ud800"', 1, "a character that no text holds"),
        ('a: 1\n"\\0": 2', 2, "a character that no text holds"),
        ("a: 1\nb: \x1b[31m\n", 2, "control character"),
    ],
)
def test_what_is_not_read_is_refused_with_its_line(text: str, line: int, what: str) -> None:
    assert refusal(text).startswith(f"a.yaml:{line}: ")
    assert what in refusal(text)


def test_bytes_that_are_no_utf8_are_refused_with_their_line() -> None:
    assert refusal("a: 1\nb: schön\n".encode("latin-1")) == "a.yaml:2: not UTF-8"


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        "[" * MAX_BYTES,
        "- " * (MAX_BYTES // 2),
        "{a: " * (MAX_BYTES // 4),
        "? " * (MAX_BYTES // 2),
        f"a: [{'1,' * (MAX_BYTES // 4)}]",
        "".join(f"k{number}: 1\n" for number in range(MAX_VALUES)),
        "\n" * (MAX_BYTES - 10) + "a: *x",
        "x" * (MAX_BYTES + 1),
        "x" * 100_000_000,
    ],
    ids=["aliases", "lists", "items", "maps", "keys", "many", "long", "lines", "large", "huge"],
)
def test_hostile_files_are_refused(text: str) -> None:
    assert refusal(text).startswith("a.yaml:")


def test_nesting_is_read_to_its_bound_and_no_deeper() -> None:
    parse(("[" * MAX_DEPTH + "]" * MAX_DEPTH).encode(), START)
    assert "nested more than" in refusal("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))


PIECES = (
    *("- ", "? ", ": ", ":", "[", "]", "{", "}", ",", "&a ", "*a", "!x ", "!<", "|", ">-\n", "'"),
    *('"', "\\x", "\n", "\r\n", "\t", "  ", "#", "%YAML 1.1\n", "---\n", "...\n", "<<", "a", "1e3"),
    *("\u2028", "\x85", "\ufeff", "\0", "\x1b", "~", "@", "`", "😀", "0x"),
)


def told(data: bytes) -> str:
    """What is said of data if it is refused; nothing if it is read."""
    try:
        parse(data, START)
    except UsageError as error:
        return error.what
    return ""


@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text())
@settings(deadline=None, max_examples=150)
def test_any_text_is_read_or_refused_in_one_printable_line(text: str) -> None:
    message = told(text.encode(errors="surrogatepass"))
    assert message == "" or message.startswith("a.yaml:")
    assert message.isprintable()
