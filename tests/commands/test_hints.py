"""Hints that show a command or an option: each is typed as it is printed, and works."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import subprocess
import zipfile
from typing import NamedTuple

import pytest
from support.cli import Answer, sentiment

TABLE = "text,label\n" + "".join(f"fine box {n},good\nstale box {n},bad\n" for n in range(20))
CODES = TABLE.replace("good", "A1").replace("bad", "B7")
BARE = "5,fresh,5\n1,stale,1\n"
WIDE = TABLE + "fresh,good,really\n"
TRAIN = "train tiny.yaml --out own --set training.epochs=1"

_COMMAND = re.compile(r"sentiment [a-z]+ [^;`]+|(?:mkdir|cp|mv|unzip) [^;]+")
_OPTION = re.compile(r"--[a-z-]+ (?:'[^']*'|[^\s;,?]+)")


class Case(NamedTuple):
    """A command that fails.

    Attributes:
        typed: The command, without `sentiment`.
        content: Content of the file n.csv, or of the file called `name`.
        name: Name of a file.
        stdin: Standard input of the command and of the hint.
        leads_to: Text on stderr once the hint is typed, if the command does not succeed then.
        then: Command to type after a hint that is a command of the shell.
    """

    typed: str
    content: str | bytes = TABLE
    name: str = "n.csv"
    stdin: str = ""
    leads_to: str = ""
    then: str = ""


def _zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name in names:
            packed.writestr(name, TABLE)
    return out.getvalue()


HINTS = {
    # columns
    "a text column that is near": Case("inspect n.csv --text-column txt"),
    "a text column that is not": Case("inspect n.csv --text-column zzz"),
    "a label column that is not": Case("inspect n.csv --label-column zzz"),
    "one column for both": Case("inspect n.csv --text-column text --label-column text"),
    "the text column of a training": Case(
        f"{TRAIN} --set data.source=n.csv", TABLE.replace("text,", "body,")
    ),
    "the label column of a training": Case(f"{TRAIN} --set data.label_column=xyz"),
    "a text column to score": Case("predict --file n.csv -o o.csv --text-column zzz"),
    "a label column to measure": Case("eval --data n.csv --label-column lable"),
    # labels
    "labels without a meaning": Case("eval --data n.csv", CODES),
    "a label that is no class": Case(f"{TRAIN} --set data.test=n.csv", TABLE + "so so box,mixed\n"),
    # rows
    "a row too wide, inspected": Case("inspect n.csv", WIDE),
    "a row too wide, scored": Case("predict --file n.csv -o o.csv", WIDE),
    "a row too wide, measured": Case("eval --data n.csv", WIDE),
    "an open quote": Case("inspect n.csv", TABLE + '"fresh,good\n'),
    "an open quote in the header": Case("inspect n.csv", '"' + TABLE),
    "only broken rows": Case(
        "inspect n.csv --set data.on_bad_rows=skip",
        "text,label\nfresh,good,really\n",
        leads_to="n.csv:2: expected 2 fields, got 3",
    ),
    "a broken JSON line": Case("inspect n.jsonl", '{"text": "a", "label": "b"}\n{', "n.jsonl"),
    "only broken JSON lines": Case(
        "inspect n.jsonl --set data.on_bad_rows=skip",
        "stale\n" * 3,
        "n.jsonl",
        leads_to="n.jsonl:1: broken JSON",
    ),
    # bytes
    "another encoding, inspected": Case(
        "inspect n.csv", TABLE.replace("box", "dé").encode("cp1252")
    ),
    "another encoding, measured": Case(
        "eval --data n.csv", TABLE.replace("box", "dé").encode("cp1252")
    ),
    "single wrong bytes": Case(
        "predict --file n.csv -o o.csv", f"{TABLE}un café,good\n".encode() + b"un caf\xe9,bad\n"
    ),
    "UTF-16 without a mark": Case("inspect n.csv", TABLE.encode("utf-16-le")),
    # headers
    "a first row of data, inspected": Case("inspect n.csv", BARE),
    "a first row of data, scored": Case("predict --file n.csv -o o.csv", BARE),
    # sources
    "a name that is near": Case("inspect m.csv"),
    "an unknown ending": Case("inspect n.log", name="n.log", then="inspect n.log.csv"),
    "a zip of several files": Case(
        "inspect n.zip", _zip("a.csv", "b.csv"), "n.zip", then="inspect b.csv"
    ),
    "standard input without a file": Case("inspect - --write-config x.yaml", stdin=TABLE),
    # settings of a run
    "another split": Case("eval --set seed=7"),
    "another share": Case("eval --set data.test_fraction=0.3"),
    "a start of another size": Case(
        f"{TRAIN} --set model.init=runs/tiny --set model.hidden_size=9"
    ),
    "a start and vectors": Case(f"{TRAIN} --set model.init=runs/tiny --set model.vectors=counted"),
    "settings of a run that is resumed": Case("train --resume runs/tiny --set seed=1"),
    # predictions
    "a table without an end": Case("predict --file n.csv"),
    "a table and a review": Case("predict --file n.csv -o o.csv fine"),
    "a table and JSON": Case("predict --file n.csv -o out/o.csv --json", name="out/n.csv"),
    "an ending that is no table": Case("predict --file n.csv -o o.txt"),
    "a file as a review": Case("predict n.csv"),
    "a folder that is not there": Case(
        "predict --file n.csv -o no/o.csv", then="predict --file n.csv -o no/o.csv"
    ),
    "a key that is unclear": Case("predict -", stdin='{"title": "Bad", "comment": "Lovely."}\n'),
}


@pytest.fixture
def hinted(here, monkeypatch):
    """Stand next to n.csv, which some cases replace."""
    monkeypatch.setenv("COLUMNS", "1000")
    (here / "n.csv").write_text(TABLE, encoding="utf-8")
    return here


def _type(hint: str, case: Case) -> Answer:
    """Type a hint: its command, or the command again with its option."""
    words = shlex.split(case.typed)
    if found := _COMMAND.search(hint):
        program, *words = shlex.split(found[0])
        if program != "sentiment":
            if shutil.which(program) is None:
                pytest.skip(f"{program} is not installed")
            subprocess.run(found[0], shell=True, check=True, capture_output=True)
            words = shlex.split(case.then)
    elif found := re.search(r"did you mean ([^-]\S*)\?", hint):
        words[1] = found[1]
    else:
        option = _OPTION.search(hint)
        assert option, hint
        words += shlex.split(option[0])
    return sentiment(*words, stdin=case.stdin)


@pytest.mark.parametrize("name", HINTS)
def test_hint_works_as_typed(hinted, name):
    case = HINTS[name]
    path = hinted / case.name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(case.content.encode() if isinstance(case.content, str) else case.content)
    failed = sentiment(*shlex.split(case.typed), stdin=case.stdin)
    assert failed.code in (2, 3, 5), failed
    answer = _type(failed.err.partition("hint:")[2].strip(), case)
    assert answer.code == (3 if case.leads_to else 0), (failed.err, answer.err)
    assert case.leads_to in answer.err
