"""`sentiment predict --file`, as a user types it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import pairwise

import pyarrow.parquet as pq
import pytest
from support.cli import sentiment

from sentiment_cli.runs.manifest import MANIFEST, encode
from sentiment_cli.runs.reader import COVERED, NGRAMS

ANSWER = ["label", "probability", "probability_negative", "probability_positive"]


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def configured(here, **settings):
    """Another run like `tiny`, with settings of its own for the data."""
    shutil.copytree(here / "runs" / "tiny", here / "own")
    config = here / "own" / "config.yaml"
    text = config.read_text(encoding="utf-8")
    for name, (old, new) in settings.items():
        assert f"{name}: {old}" in text
        text = text.replace(f"{name}: {old}", f"{name}: {new}")
    config.write_text(text, encoding="utf-8")
    covered = {name: (here / "own" / name).read_bytes() for name in (*COVERED, NGRAMS)}
    (here / "own" / MANIFEST).write_bytes(encode(covered))
    return here / "own"


def test_a_file_is_scored_row_by_row(here):
    answer = sentiment("predict", "--file", "reviews.csv", "--out", "scored.csv")
    assert (answer.code, answer.out) == (0, "")
    before, after = rows(here / "reviews.csv"), rows(here / "scored.csv")
    assert list(after[0]) == ["text", "input_label", *ANSWER]
    assert [row["text"] for row in after] == [row["text"] for row in before]
    assert [row["input_label"] for row in after] == [row["label"] for row in before]
    names = {"bad": "negative", "good": "positive"}
    assert sum(row["label"] == names[row["input_label"]] for row in after) > 100
    assert "120 reviews" in answer.err
    assert not list(here.glob(".*"))


def test_the_answers_are_those_of_predict(here):
    sentiment("predict", "--file", "reviews.csv", "--out", "scored.jsonl")
    lines = (here / "scored.jsonl").read_text(encoding="utf-8").splitlines()
    scored = [json.loads(line) for line in lines[:5]]
    alone = sentiment("predict", "--json", *(row["text"] for row in scored)).lines
    for one, other in zip(alone, scored, strict=True):
        assert one["label"] == other["label"]
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-5)


def test_any_source_goes_into_any_table(here):
    names = ["reviews.csv", "a.parquet", "b.tsv.gz", "c.parquet"]
    for source, out in pairwise(names):
        assert sentiment("predict", "--file", source, "--out", out).code == 0
    found = pq.read_table("c.parquet")
    assert found["text"].to_pylist() == [row["text"] for row in rows(here / "reviews.csv")]
    assert found["input_input_label"].to_pylist() == found["label"].to_pylist()


def test_stdin_is_a_source(here):
    stdin = "text,label\ncrunchy lovely,?\n"
    assert sentiment("predict", "--file", "-", "--out", "a.csv", stdin=stdin).code == 0
    assert rows(here / "a.csv")[0]["label"] == "positive"


def test_the_only_other_column_is_taken(here):
    (here / "a.csv").write_text("label,body\n?,crunchy lovely\n", encoding="utf-8")
    answer = sentiment("predict", "--file", "a.csv", "--out", "b.csv")
    assert "'body'" in answer.err
    assert rows(here / "b.csv")[0]["label"] == "positive"


def test_predict_chooses_the_text_column_and_says_which(here):
    (here / "a.csv").write_text("id,body\n1,crunchy lovely\n", encoding="utf-8")
    answer = sentiment("predict", "--file", "a.csv", "--out", "b.csv")
    assert answer.code == 0, answer.err
    assert "text column of a.csv: 'body'" in answer.err
    named = sentiment("predict", "--file", "a.csv", "--out", "c.csv", "--text-column", "body")
    assert named.code == 0
    assert "text column" not in named.err


def test_a_broken_row_stops_and_leaves_nothing(here):
    (here / "a.csv").write_text("text,id\nfine,1\nbroken\n", encoding="utf-8")
    answer = sentiment("predict", "--file", "a.csv", "--out", "b.csv")
    assert answer.code == 3
    assert "a.csv:3" in answer.err
    assert not (here / "b.csv").exists()
    assert not list(here.glob(".*"))


def test_a_run_that_skips_broken_rows_says_which(here):
    run = configured(here, on_bad_rows=("error", "skip"))
    (here / "a.csv").write_text("text,id\nfine,1\nbroken\nfresh,2\n", encoding="utf-8")
    answer = sentiment("predict", "--run", run, "--file", "a.csv", "--out", "b.csv")
    assert answer.code == 0
    assert "left out 1 broken rows: a.csv:3" in answer.err
    assert [row["id"] for row in rows(here / "b.csv")] == ["1", "2"]


def test_how_a_file_is_read_can_be_said_for_one_call(here):
    (here / "a.csv").write_bytes("text;id\nzäh, fad;1\nbroken\n".encode("cp1252"))
    ways = ("--set", "data.encoding=cp1252", "--set", "data.on_bad_rows=skip")
    answer = sentiment("predict", "--file", "a.csv", "--out", "b.csv")
    assert answer.code == 3
    assert " ".join(ways[:2]) in answer.err
    answer = sentiment("predict", "--file", "a.csv", "--out", "b.csv", *ways)
    assert answer.code == 0, answer.err
    assert [(row["text"], row["id"]) for row in rows(here / "b.csv")] == [("zäh, fad", "1")]


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (
            ("--file", "reviews.csv", "--out", "b.csv", "--set", "data.text_column=a"),
            "data.on_bad_rows",
        ),
        (("fine", "--set", "data.encoding=cp1252"), "belong together"),
    ],
)
def test_nothing_else_can_be_said(here, arguments, what):
    answer = sentiment("predict", *arguments)
    assert answer.code == 2
    assert what in answer.err


@pytest.mark.parametrize("guard", ["true", "false"])
def test_the_run_says_whether_formulas_are_guarded(here, guard):
    run = configured(here, formula_guard=("true", guard))
    (here / "a.csv").write_text("text,price\n=HYPERLINK(1),-3.5\n", encoding="utf-8")
    assert sentiment("predict", "--run", run, "--file", "a.csv", "--out", "b.csv").code == 0
    found = rows(here / "b.csv")[0]
    assert found["text"] == ("'" if guard == "true" else "") + "=HYPERLINK(1)"
    assert found["price"] == "-3.5"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--file", "reviews.csv"), "--file reviews.csv --out scored.csv"),
        (("--out", "a.csv"), "--file SOURCE --out a.csv"),
        (("--text-column", "body"), "--file SOURCE"),
        (("--file", "reviews.csv", "--out", "a.csv", "fresh"), "predict --file"),
        (("--file", "reviews.csv", "--out", "a.csv", "--json"), "--out a.jsonl"),
        (("--file", "reviews.csv", "--out", "a.xlsx"), ".parquet"),
        (("--file", "reviews.csv", "--out", "reviews.csv"), "another file"),
    ],
)
def test_arguments_that_do_not_go_together_are_usage_errors(here, arguments, hint):
    answer = sentiment("predict", *arguments)
    assert answer.code == 2
    assert hint in answer.err
    assert not (here / "a.csv").exists()


@pytest.mark.parametrize("source", ["reviews.csv", "rev*.csv", "**/reviews.csv"])
def test_what_is_read_is_not_replaced(here, source):
    before = (here / "reviews.csv").read_bytes()
    answer = sentiment("predict", "--file", source, "--out", "./reviews.csv")
    assert answer.code == 2
    assert "is a file that the command reads" in answer.err
    assert (here / "reviews.csv").read_bytes() == before


def test_a_missing_folder_is_an_environment_fault(here):
    assert sentiment("predict", "--file", "reviews.csv", "--out", "no/a.csv").code == 5


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_leaves_no_part_of_a_table_and_no_copy_of_stdin(here, number, code):
    (here / "temporary").mkdir()
    with (here / "long.csv").open("w", encoding="utf-8") as file:
        file.write("text\n")
        file.writelines(f"a crunchy box of stale cereal {row}\n" for row in range(400_000))
    with (
        (here / "long.csv").open("rb") as stdin,
        subprocess.Popen(
            [sys.executable, "-m", "sentiment_cli", "predict", "--file", "-", "--out", "a.csv"],
            cwd=here, env={**os.environ, "TMPDIR": str(here / "temporary")},
            stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        ) as child,
    ):  # fmt: skip
        until = time.monotonic() + 60
        while not list(here.glob(".partial-*")) and time.monotonic() < until:
            time.sleep(0.02)
        assert list((here / "temporary").iterdir())
        child.send_signal(number)
        _, error = child.communicate(timeout=60)
    assert child.returncode == code
    assert b"Traceback" not in error
    assert not (here / "a.csv").exists()
    assert not list(here.glob(".*"))
    assert not list((here / "temporary").iterdir())
