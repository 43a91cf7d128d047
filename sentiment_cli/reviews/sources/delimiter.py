"""Which character stands between the fields of a .csv file: its header tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sentiment_cli.reviews.sources.source import FIELD_LIMIT

COMMA = ","
_KNOWN = ",;\t"
"""The first of these that stands in a header outside quotes is the delimiter."""


def found_delimiter(lines: Iterable[str]) -> str:
    """The delimiter of a file: a comma where its header has one, else a semicolon, else a tab.

    Spreadsheets write semicolons where the comma is the decimal mark. What stands in quotes is
    part of a name. A file whose header has none of them has one column, by any delimiter.

    Args:
        lines: of the file, with their ends; no more than the header is taken.
    """
    bare = "".join(_outside_quotes(lines))
    return next((known for known in _KNOWN if known in bare), COMMA)


def _outside_quotes(lines: Iterable[str]) -> Iterator[str]:
    """What stands outside quotes in the first row that is not blank, piece by piece.

    As the csv module has it, a quote opens a field only where one begins, and is text elsewhere.
    One behind a closing quote, where a doubled one stands, opens the field again.
    """
    quoted, before, taken = False, "", 0
    for line in lines:
        for number, piece in enumerate(line.rstrip("\r\n").split('"')):
            if number:
                quoted = not quoted and before in _KNOWN  # as an empty one is
            if not quoted and piece:
                before = piece[-1]
                yield piece
        taken += len(line)
        if taken > FIELD_LIMIT or (not quoted and line.strip("\r\n")):
            return
