"""What docs/your-file.md promises of whole commands; tests/reviews covers single readers."""

from __future__ import annotations

import csv
import gzip
import shlex

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from support.cli import TINY, sentiment

from sentiment_cli.config.reader import read_experiment

ROWS = [
    {"text": f"{'fresh' if n % 2 else 'stale'} box {n}", "stars": f"{n % 2 * 4 + 1}"}
    for n in range(24)
]
SEMICOLONS = "text;label\n" + "".join(f"{r['text']};{r['stars']}\n" for r in ROWS)
FASTTEXT = "".join(f"__label__{row['stars']} {row['text']}\n" for row in ROWS)


def write(path, rows, **dialect):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], **dialect)
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    "command",
    [
        "train tiny.yaml --out own --set data.source=a.csv --set training.epochs=1",
        "eval --data a.csv",
        "predict --file a.csv --out o.csv",
    ],
)
def test_notes_of_the_reader_are_on_stderr_of_each_command(here, command):
    (here / "a.csv").write_text(SEMICOLONS)
    answer = sentiment(*shlex.split(command))
    assert answer.code == 0, answer.err
    assert "delimiter: semicolon" in answer.err
    assert "delimiter" not in answer.out


COLUMNS = ["Titel", "Rezension", "Datum", "Bewertung"]


def test_inspect_eval_and_predict_choose_the_same_columns(here):
    rows = [
        dict(
            zip(
                COLUMNS, [f"Nr {n}", row["text"], f"2024-01-{n + 1:02d}", row["stars"]], strict=True
            )
        )
        for n, row in enumerate(ROWS)
    ]
    write(here / "a.csv", rows)
    report = sentiment("inspect", "a.csv", "--json").json
    assert (report["text"]["column"], report["label"]["column"]) == ("Rezension", "Bewertung")
    measured = sentiment("eval", "--data", "a.csv").err
    assert "text column of a.csv: 'Rezension'" in measured
    assert "label column of a.csv: 'Bewertung'" in measured
    scored = sentiment("predict", "--file", "a.csv", "--out", "o.csv").err
    assert "text column of a.csv: 'Rezension'" in scored


@pytest.mark.parametrize("command", ["eval --data a.csv", "predict --file a.csv --out o.csv"])
def test_the_columns_of_the_run_go_before_better_ones(here, command):
    rows = [
        {"review_text": f"{row['text']} and much more", "rating": 6 - int(row["stars"]),
         "text": row["text"], "label": "good" if row["stars"] == "5" else "bad"}
        for row in ROWS
    ]  # fmt: skip
    write(here / "a.csv", rows)
    answer = sentiment(*shlex.split(command))
    assert answer.code == 0, answer.err
    assert "column of a.csv" not in answer.err


def test_the_option_for_unclear_columns_works_as_typed(here):
    rows = [{"col1": f"fresh and lovely {n}", "col2": f"stale and bland {n}"} for n in range(24)]
    write(here / "a.csv", rows)
    reason = sentiment("inspect", "a.csv", "--json").json["text"]["reason"]
    assert "unclear" in reason
    typed = shlex.split(reason[reason.index("--") :])
    chosen = sentiment("inspect", "a.csv", *typed, "--json").json["text"]
    assert chosen["column"] == typed[1]
    assert "unclear" not in chosen["reason"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (["negative", "positive"], ["1", "5"]),
        (["1", "5"], ["1/5", "9/10"]),
        (["1/5", "9/10"], ["no", "yes"]),
        (["no", "yes"], ["apple", "pear"]),
    ],
)
def test_label_columns_have_the_documented_order(here, better, worse):
    rows = [
        {"x": worse[n % 2], "text": f"a box of cereal {n}", "y": better[n % 2]} for n in range(40)
    ]
    write(here / "a.csv", rows)
    assert sentiment("inspect", "a.csv", "--json").json["label"]["column"] == "y"


def test_labels_that_fit_no_class_are_shown(here):
    rows = [*ROWS * 4, {"text": "what", "stars": "n. a. yet"}]
    write(here / "a.csv", rows)
    skipped = sentiment("inspect", "a.csv", "--json").json["skipped"]
    assert [(one["rows"], "n. a. yet" in str(one)) for one in skipped] == [(1, True)]


def test_more_than_5_percent_of_such_labels_make_no_rating(here):
    write(
        here / "a.csv", [*ROWS, *({"text": f"what {n}", "stars": "xy"[n % 2]} for n in range(24))]
    )
    report = sentiment("inspect", "a.csv", "--json").json
    assert report["labels"] == {name: name for name in ("1", "5", "x", "y")}


def test_inspect_replaces_an_experiment_only_with_force(here):
    (here / "x.yaml").write_text("mine")
    command = ("inspect", "reviews.csv", "--write-config", "x.yaml")
    assert sentiment(*command).code == 2
    assert (here / "x.yaml").read_text() == "mine"
    assert sentiment(*command, "--force").code == 0
    assert read_experiment(here / "x.yaml").experiment.data.source


def test_an_experiment_file_takes_a_list_of_sources(here):
    for name in ("a.csv", "b.csv"):
        (here / name).write_text(SEMICOLONS.replace("box", name))
    (here / "two.yaml").write_text(TINY.replace("reviews.csv", "[a.csv, b.csv]"))
    answer = sentiment("train", "two.yaml", "--out", "own", "--set", "training.epochs=1")
    assert answer.code == 0, answer.err
    assert "2 sources are read as one" in answer.err


KINDS = {
    "a.tsv": lambda path: write(path, ROWS, delimiter="\t"),
    "a.txt": lambda path: path.write_text(FASTTEXT),
    "a.feather": lambda path: pyarrow.feather.write_feather(pa.Table.from_pylist(ROWS), path),
    "a.parquet": lambda path: pq.write_table(pa.Table.from_pylist(ROWS), path),
    "a.csv.gz": lambda path: path.write_bytes(gzip.compress(SEMICOLONS.encode())),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_file_is_inspected_measured_and_scored(here, name):
    KINDS[name](here / name)
    report = sentiment("inspect", name, "--json").json
    assert (report["rows"], report["classes"]) == (24, {"negative": 12, "positive": 12})
    measured = sentiment("eval", "--data", name, "--json")
    assert measured.json["reviews"] == 24, measured.err
    scored = sentiment("predict", "--file", name, "--out", "o.csv")
    assert "24 reviews of the column 'text'" in scored.err


def test_a_scored_table_keeps_values_as_they_are_and_has_no_flags(here):
    write(
        here / "a.csv",
        [{"text": "", "label": "NA", "n": "01"}, {"text": "=A1", "label": "", "n": "1.0"}],
    )
    assert sentiment("predict", "--file", "a.csv", "--out", "o.csv").code == 0
    with (here / "o.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["text"], row["input_label"], row["n"]) for row in rows] == [
        ("", "NA", "01"),
        ("'=A1", "", "1.0"),
    ]
    assert "flags" not in rows[0]


@pytest.mark.parametrize(
    ("options", "key"),
    [((), "text"), ((), "TEXT"), ((), "Review"), (("--text-column", "body"), "body")],
)
def test_a_line_of_json_is_answered_by_its_text(here, options, key):
    lines = f'\n{{"{key}": "fresh and lovely", "n": "1"}}\n{{"{key}": null}}\n{{}}\n'
    answers = sentiment("predict", "--json", *options, "-", stdin=lines).lines
    assert [answer["text"] for answer in answers] == ["", "fresh and lovely", "", ""]
    assert [answer["flags"] for answer in answers] == [["empty"], [], ["empty"], ["empty"]]


@pytest.mark.parametrize(
    "pack",
    [lambda t: t.encode(), lambda t: t.encode("utf-16"), lambda t: gzip.compress(t.encode())],
)
def test_a_line_of_any_encoding_is_answered(here, pack):
    answers = sentiment("predict", "--json", "-", stdin=pack("Fresh and lovely.\nStale.\n")).lines
    assert [answer["text"] for answer in answers] == ["Fresh and lovely.", "Stale."]


def test_training_caches_its_file_and_cache_lists_and_clears_it(here, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(here / "own"))
    train = ("train", "tiny.yaml", "--set", "training.epochs=1", "-q")
    assert sentiment(*train, "--out", "a").err == ""
    assert sentiment("cache", "--json").json["source"] == "reviews.csv"
    assert sentiment("cache", "--clear").code == 0
    assert sentiment("cache").out == ""
    assert sentiment(*train, "--out", "b").code == 0
