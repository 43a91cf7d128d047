"""The commands that the documents show, with what they say is answered."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.cli import write_reviews

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAMS = (
    *("sentiment", "python", "make", "pytest", "pip", "npm", "torchrun"),
    *("printf", "echo", "cp", "mkdir", "tail", "time"),
)

_FENCE = re.compile(r"^```(\w*) ?(\S*)$")
_STARS = {"good": ("5", "4"), "mixed": ("3",), "bad": ("1", "2")}


@dataclass(frozen=True)
class Shown:
    """One command of a page.

    Args:
        place: page and line.
        command: on one line, as one types it.
        answer: the lines that stand under it where it begins with `$`; empty where none do.
        code: the number that the section's heading begins with, an exit code; else 0.
    """

    place: str
    command: str
    answer: str
    code: int

    @property
    def words(self) -> list[str]:
        """The words of the command, without its comment; what a shell reads is a word too."""
        reader = shlex.shlex(self.command, posix=True, punctuation_chars=True)
        reader.whitespace_split = True
        return list(reader)

    @property
    def parts(self) -> list[list[str]]:
        """The words of each command of the line, which `&&`, `|` and the like divide."""
        parts: list[list[str]] = [[]]
        for word in self.words:
            if word and set(word) <= set("|&;<>()"):
                parts.append([])
            else:
                parts[-1].append(word)
        return parts


def shown(page: Path) -> Iterator[Shown | tuple[str, str]]:
    """Return the page's commands in order, and the files it has one save: name and content.

    A code block is indented, or stands between fences; a second word on its fence names a file.
    """
    code, fence, file, content = 0, False, "", ""
    lines = list(enumerate(page.read_text(encoding="utf-8").splitlines(), start=1))
    while lines:
        number, line = lines.pop(0)
        if found := _FENCE.match(line):
            if fence and file:
                yield file, content
            fence, file, content = not fence, found[2], ""
        elif fence and file:
            content += line + "\n"
        elif found := re.match(r"## (?:(\d+)\b)?", line):
            code = int(found[1] or 0)
        elif fence or line.startswith("    "):
            typed = line.strip()
            if _is_command(typed.removeprefix("$ ")):
                command = _whole(typed.removeprefix("$ "), lines)
                answer = _answer(lines) if typed.startswith("$ ") else ""
                yield Shown(f"{page.name}:{number}", command, answer, code)


def _whole(command: str, lines: list[tuple[int, str]]) -> str:
    """Take the lines on which a command goes on: after a backslash, or in an open quotation."""
    while command.endswith("\\") or _is_open(command):
        command = f"{command.removesuffix(chr(92)).rstrip()} {lines.pop(0)[1].strip()}"
    return command


def _is_open(command: str) -> bool:
    try:
        shlex.split(command, comments=True)
    except ValueError:
        return True
    return False


def _answer(lines: list[tuple[int, str]]) -> str:
    """Take the lines under a command, to the next command or to the end of the block."""
    answer = [""]
    while lines and not re.match(r"```| *\$ |\S", lines[0][1]):
        line = lines[0][1].strip()
        if not answer[-1] and _is_command(line) and len(answer) > 1:
            break
        answer.append(line)
        lines.pop(0)
    return "\n".join(answer).strip()


def _is_command(line: str) -> bool:
    return line.split(" ")[0] in PROGRAMS


def write_files(folder: Path) -> None:
    """Write what the pages speak of: reviews with stars, some without, and another shop's."""
    write_reviews(folder / "other.csv", ["bad", "good"], rows=40, seed=1)
    write_reviews(folder / "reviews.csv", ["bad", "good", "bad", "good", "mixed"], rows=150)
    write_reviews(folder / "more.csv", ["bad", "good"], rows=60, seed=2)
    for name, columns in (("reviews.csv", ["body", "stars"]), ("more.csv", ["body"])):
        rows = list(csv.reader((folder / name).read_text(encoding="utf-8").splitlines()))[1:]
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            for number, (text, label) in enumerate(rows):
                stars = _STARS[label]
                writer.writerow([text, stars[number // 2 % len(stars)]][: len(columns)])
