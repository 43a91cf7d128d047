"""A review on the screen: words tinted by a value, under them a curve of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.text import Text

from sentiment_cli.console import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.analysis.explanation.words import Words

_LEVELS = "▁▂▃▄▅▆▇"  # the highest leaves a gap to the line above
_FOR = ("#d6e6ff", "#9cc3ff", "#5b9bff")
_AGAINST = ("#ffe6d1", "#ffc08f", "#ff9340")
_FAINTEST = 0.08  # of the strongest word, below which a word is not tinted
_PERCENT = 6  # columns that the figure behind a line takes


class _Piece(NamedTuple):
    """A word, or what stands between two."""

    text: str
    word: int | None


def tinted_lines(
    words: Words, tints: Sequence[float], curve: Sequence[float], width: int
) -> Iterator[Text]:
    """Yield a review line by line, each followed by the curve under its words.

    Args:
        words: the review's.
        tints: of each word; those above 0 and those below have colours of their own.
        curve: a share from 0 to 1 for each word, drawn under it and told behind each line.
        width: columns of the screen.
    """
    strongest = max(map(abs, tints)) or 1.0
    share = 0.0
    for line in _wrapped(_pieces(words), width - _PERCENT):
        text, below = Text(), Text(style="dim")
        for piece in line:
            style = "" if piece.word is None else _style(tints[piece.word] / strongest)
            share = share if piece.word is None else curve[piece.word]
            text.append(piece.text, style)
            level = " " if piece.word is None else _LEVELS[min(6, int(7 * share))]
            below.append(level * cell_len(piece.text))
        below.append(" " * (width - _PERCENT - below.cell_len) + f"{share:>{_PERCENT}.0%}")
        yield text
        yield below


def _pieces(words: Words) -> Iterator[_Piece]:
    place = 0
    *gaps, last = words.gaps
    for word, (gap, (start, end)) in enumerate(zip(gaps, words.spans, strict=True)):
        if end > place or start == end:  # else one character that is read as several tokens
            yield _Piece(gap, None)
            yield _Piece(output.one_line(words.shown[word]), word)
        place = end
    yield _Piece(last, None)


def _wrapped(pieces: Iterator[_Piece], width: int) -> Iterator[list[_Piece]]:
    """Break the pieces into lines, at a space where there is one."""
    line: list[_Piece] = []
    used = 0
    for together in _unbroken(pieces):
        size = sum(cell_len(piece.text) for piece in together)
        if line and used + size > width:
            yield line
            line, used = [], 0
        for piece in together:
            if not line and piece.text == " ":
                continue
            if line and used + cell_len(piece.text) > width:  # a word longer than a line
                yield line
                line, used = [], 0
            line.append(piece)
            used += cell_len(piece.text)
    if line:
        yield line


def _unbroken(pieces: Iterator[_Piece]) -> Iterator[list[_Piece]]:
    """Group the pieces between which no line may end; a space begins a group."""
    group: list[_Piece] = []
    for piece in pieces:
        if piece.word is None and piece.text:
            if group:
                yield group
            group = []
        group += [piece] if piece.text else []
    if group:
        yield group


def _style(share: float) -> str:
    if abs(share) < _FAINTEST:
        return ""
    colours = _FOR if share > 0 else _AGAINST
    return f"#000000 on {colours[min(2, int(3 * abs(share)))]}"
