"""`sentiment inspect`, as a user types it."""

from __future__ import annotations

import csv
import os

import pytest
from support.cli import sentiment, sentiment_process, write_reviews

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.reviews.rows import opened

KEYS = {
    "source", "rows", "broken", "notes", "columns", "text", "label", "values", "labels",
    "labels_reason", "classes", "left_out", "imbalance", "tokens", "cuts", "empty", "duplicates",
    "near_duplicates",
    "near_duplicates_method", "conflicts", "characters", "scripts", "other_scripts",
    "sample_tokens", "test", "next", "merged", "skipped",
}  # fmt: skip


@pytest.fixture
def stars(tmp_path, monkeypatch):
    """Stand in a folder with stars.csv: 100 reviews of 1 to 5 stars, and a few oddities."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    rows = [[f"cereal number {i} is of kind {i * 7}", str(1 + i % 5)] for i in range(100)]
    rows += [["so so", "1"], ["So so!", "5"], ["", "4"], ["[/b] \x1b[31mred\x9b", "2"]]
    with (tmp_path / "stars.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["body", "stars"], *rows])
    return tmp_path


def test_json_has_stable_names(stars):
    answer = sentiment("inspect", "stars.csv", "--json")
    assert answer.code == 0, answer.err
    report = answer.json
    assert report.keys() == KEYS
    assert report["rows"] == 104
    assert (report["text"]["column"], report["label"]["column"]) == ("body", "stars")
    assert report["labels"] == {
        "1": "negative", "2": "negative", "4": "positive", "5": "positive",
    }  # fmt: skip
    assert report["conflicts"]["examples"][0][1] == {
        "place": "stars.csv:103", "label": "5", "text": "So so!",
    }  # fmt: skip
    assert report["empty"]["rows"] == 1
    assert report["characters"]["control"]["rows"] == 1
    assert report["test"] is None


@pytest.mark.parametrize("columns", ["80", "120"])
def test_a_person_reads_tables_that_fit(stars, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    answer = sentiment("inspect", "stars.csv")
    assert answer.code == 0, answer.err
    for words in ("104 rows", "median", "skipped", "equal, but of two classes", "stars.csv:103"):
        assert words in answer.out
    assert max(map(len, answer.out.splitlines())) <= int(columns)
    assert answer.out.endswith("next: sentiment inspect stars.csv --write-config stars.yaml\n")


def test_notes_of_the_reader_are_shown(stars):
    assert "note " not in sentiment("inspect", "stars.csv").out
    content = (stars / "stars.csv").read_bytes().replace(b",", b";")
    (stars / "export.csv").write_bytes(b"\xef\xbb\xbf" + content)
    answer = sentiment("inspect", "export.csv")
    assert answer.code == 0, answer.err
    assert "note     delimiter: semicolon" in answer.out
    answer = sentiment("inspect", "*.csv", "--json")
    assert "export.csv: delimiter: semicolon" in answer.json["notes"]


def test_a_table_with_semicolons_trains_as_it_is(stars):
    content = (stars / "stars.csv").read_bytes().replace(b",", b";")
    (stars / "export.csv").write_bytes(content)
    assert sentiment("inspect", "export.csv", "--write-config", "shop.yaml").code == 0
    trained = sentiment("train", "shop.yaml", "--set", "training.epochs=1")
    assert trained.code == 0, trained.err


def test_the_hint_for_another_encoding_leads_to_a_training(stars):
    text = (stars / "stars.csv").read_text(encoding="utf-8").replace("cereal", "Müesli")
    (stars / "windows.csv").write_bytes(text.encode("cp1252", "ignore"))
    answer = sentiment("inspect", "windows.csv")
    assert answer.code == 3
    hinted = answer.err[answer.err.index("--set") :].split()
    answer = sentiment("inspect", "windows.csv", *hinted)
    assert answer.code == 0, answer.err
    assert "Müesli" in answer.out
    following = f"inspect windows.csv {' '.join(hinted)} --write-config windows.yaml"
    assert answer.out.endswith(f"next: sentiment {following}\n")
    assert sentiment(*following.split()).code == 0
    assert read_experiment(stars / "windows.yaml").experiment.data.encoding == "cp1252"
    trained = sentiment("train", "windows.yaml", "--set", "training.epochs=1")
    assert trained.code == 0, trained.err


def test_broken_rows_are_left_out_and_counted(stars):
    with (stars / "stars.csv").open("a", encoding="utf-8") as file:
        file.write("one,field,too many\n")
    (stars / "test.csv").write_text("body,stars\nso so,1\nbroken\n", encoding="utf-8")
    skip = ("--set", "data.on_bad_rows=skip", "--test", "test.csv")
    answer = sentiment("inspect", "stars.csv", *skip, "--json", "--write-config", "x.yaml")
    assert answer.code == 0, answer.err
    assert (answer.json["rows"], answer.json["broken"], answer.json["test"]["broken"]) == (
        104,
        1,
        1,
    )
    assert "left out 1 broken rows: stars.csv:106" in answer.err
    assert read_experiment(stars / "x.yaml").experiment.data.on_bad_rows == "skip"
    assert "1 broken left out" in sentiment("inspect", "stars.csv", *skip).out


@pytest.mark.parametrize(
    ("setting", "what"),
    [
        ("data.text_column=body", "data.encoding, data.encoding_errors, data.header"),
        ("model.cell=gru", "data.encoding, data.encoding_errors, data.header"),
        ("data.encodng=cp1252", "did you mean data.encoding?"),
        ("data.on_bad_rows=skp", "did you mean skip?"),
        ("data.encoding=cp12521", "no text encoding"),
        ("cp1252", "expected section.key=value"),
    ],
)
def test_what_does_not_say_how_a_file_is_read_is_exit_2(stars, setting, what):
    answer = sentiment("inspect", "stars.csv", "--set", setting)
    assert answer.code == 2
    assert what in answer.err
    assert answer.out == ""


def test_texts_are_shown_as_plain_text(stars):
    out = sentiment("inspect", "stars.csv").out
    assert "[/b] \\u001b[31mred\\u009b" in out
    assert "\x1b" not in out
    assert "\x9b" not in out


def test_the_written_experiment_trains_as_it_is(stars):
    answer = sentiment("inspect", "stars.csv", "--write-config", "shop.yaml")
    assert answer.code == 0, answer.err
    assert answer.out.endswith("next: sentiment train shop.yaml\n")
    trained = sentiment("train", "shop.yaml", "--set", "training.epochs=1")
    assert trained.code == 0, trained.err


def test_ratings_in_words_train_two_classes(stars):
    rows = [[f"number {i} is of kind {i * 7}", f"{1 + i % 5} out of 5 stars"] for i in range(100)]
    with (stars / "said.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["body", "stars"], *rows])
    assert sentiment("inspect", "said.csv", "--write-config", "said.yaml").code == 0
    trained = sentiment("train", "said.yaml", "--set", "training.epochs=1", "--out", "said")
    assert trained.code == 0, trained.err
    answer = sentiment("predict", "--run", "said", "--json", "number 4")
    assert answer.json["probabilities"].keys() == {"negative", "positive"}


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_inspect_never_replaces_the_file_that_it_reads(stars, force):
    before = (stars / "stars.csv").read_bytes()
    answer = sentiment("inspect", "stars.csv", "--write-config", "./stars.csv", *force)
    assert answer.code == 2
    assert "--force" not in answer.err
    assert (stars / "stars.csv").read_bytes() == before


def test_inspect_proposes_an_experiment_file_that_does_not_exist(stars):
    (stars / "stars.yaml").write_text("old")
    answer = sentiment("inspect", "stars.csv")
    assert answer.out.endswith("next: sentiment inspect stars.csv --write-config stars-2.yaml\n")


@pytest.mark.parametrize(
    ("source", "config"),
    [
        ("stars.csv", "deep/er/shop.yaml"),
        ("st*.csv", "deep/shop.yaml"),
        ("deep/../stars.csv", "shop.yaml"),
        ("deep/../stars.csv", "link/shop.yaml"),
        ("imdb/stars.csv", "imdb/shop.yaml"),
    ],
)
def test_the_source_is_named_from_where_the_experiment_lies(stars, source, config):
    (stars / "deep" / "er").mkdir(parents=True)
    (stars / "link").symlink_to(stars / "deep" / "er")
    (stars / "imdb").symlink_to(stars)
    assert sentiment("inspect", source, "--write-config", config).code == 0
    found = read_experiment(stars / config).experiment.data.source
    assert os.path.realpath(found.replace("st*", "stars")) == str(stars.resolve() / "stars.csv")
    assert str(stars) not in (stars / config).read_text()


def test_a_folder_called_like_a_built_in_source_is_a_folder(stars):
    for label in ("pos", "neg"):
        (stars / "imdb" / label).mkdir(parents=True)
        for number in range(12):
            (stars / "imdb" / label / f"{number}.txt").write_text(f"{label} number {number}")
    assert sentiment("inspect", "./imdb", "--write-config", "x.yaml").code == 0
    data = read_experiment(stars / "x.yaml").experiment.data
    assert data.source == str(stars / "imdb")
    assert sum(1 for _ in opened(data, data.source).rows()) == 24


def test_a_built_in_source_is_named_as_it_is(stars):
    assert sentiment("inspect", "cereal", "--write-config", "x.yaml").code == 0
    data = read_experiment(stars / "x.yaml").experiment.data
    assert (data.source, data.label_map) == ("cereal", None)


def test_test_reviews_that_stand_in_training(stars):
    (stars / "test.csv").write_text("body,stars\nSO SO,1\nnever seen,5\n")
    answer = sentiment("inspect", "stars.csv", "--test", "test.csv", "--json",
                       "--write-config", "x.yaml")  # fmt: skip
    assert answer.json["test"]["in_training"]["rows"] == 1
    assert read_experiment(stars / "x.yaml").experiment.data.test == str(stars / "test.csv")


def test_a_test_without_labels_makes_no_experiment(stars):
    (stars / "test.csv").write_text("body\nfine\n")
    assert sentiment("inspect", "stars.csv", "--test", "test.csv").code == 0
    answer = sentiment("inspect", "stars.csv", "--test", "test.csv", "--write-config", "x.yaml")
    assert answer.code == 3
    assert "'stars'" in answer.err
    assert not (stars / "x.yaml").exists()


def test_inspect_shows_scripts_and_sample_tokens(stars):
    (stars / "han.csv").write_text("text,label\n很好 iPhone 9 / 10,1\n不好,0\n", encoding="utf-8")
    answer = sentiment("inspect", "han.csv")
    assert "Latin 60.0%, Han or kana 40.0% of the letters" in answer.out
    assert "很 | 好 | iphone | 9/10" in answer.out


def test_without_labels_all_else_is_told(stars):
    (stars / "bare.csv").write_text("text\nvery good\nvery bad\n")
    answer = sentiment("inspect", "bare.csv", "--write-config", "x.yaml")
    assert answer.code == 3
    assert "no column of labels" in answer.err
    assert "tokens a review" in answer.out
    assert "next:" not in answer.out
    assert not (stars / "x.yaml").exists()


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("empty.csv", b"", "empty"),
        ("header.csv", b"text,label\n", "no rows"),
        ("ragged.csv", b"text,label\na,b\nc\n", "ragged.csv:3"),
        ("latin.csv", "text,label\ncafé,1\n".encode("latin-1"), "--set data.encoding=cp1252"),
        ("broken.jsonl", b'{"text": "a"}\n{"text": \n', "broken.jsonl:2"),
        ("cut.csv.gz", b"\x1f\x8b\x08\x00", "cut.csv.gz"),
    ],
)
def test_a_bad_file_is_exit_3(stars, name, content, what):
    (stars / name).write_bytes(content)
    answer = sentiment("inspect", name)
    assert answer.code == 3
    assert what in answer.err
    assert answer.out == ""


def test_stdin_is_inspected_but_makes_no_experiment(stars):
    write_reviews(stars / "reviews.csv", ["bad", "good"])
    content = (stars / "reviews.csv").read_bytes()
    answer = sentiment_process("inspect", "-", "--json", stdin=content, cwd=stars)
    assert answer.code == 0, answer.err
    assert answer.json["rows"] == 120
    assert answer.json["next"] is None
    assert answer.err == ""
    answer = sentiment("inspect", "-", "--write-config", "x.yaml", stdin=content)
    assert answer.code == 2
    assert "standard input" in answer.err


def test_an_experiment_in_no_folder_is_exit_5(stars):
    answer = sentiment("inspect", "stars.csv", "--write-config", "nowhere/x.yaml")
    assert answer.code == 5
    assert "nowhere/x.yaml" in answer.err


def test_inspect_takes_named_columns_into_the_experiment(stars):
    rows = [[f"cereal number {i}", f"a title {i}", str(1 + i % 5), "xyz"[i % 3]] for i in range(90)]
    with (stars / "more.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "title", "stars", "kind of"], *rows])
    named = ("--text-column", "title", "--label-column", "kind of")
    answer = sentiment("inspect", "more.csv", *named, "--json")
    assert answer.code == 0, answer.err
    assert (answer.json["text"]["column"], answer.json["label"]["column"]) == ("title", "kind of")
    assert "--text-column title --label-column 'kind of'" in answer.json["next"]
    assert sentiment("inspect", "more.csv", *named, "--write-config", "x.yaml").code == 0
    data = read_experiment(stars / "x.yaml").experiment.data
    assert (data.text_column, data.label_column) == ("title", "kind of")


def test_inspect_reports_schemes_merges_and_skipped_labels(stars):
    labels = ["negative", "positive", "Positive ", "positive", "NEGATIVE", "N/A"]
    rows = [[f"cereal number {i}", labels[i % 6]] for i in range(120)]
    with (stars / "more.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "label"], *rows])
    report = sentiment("inspect", "more.csv", "--json").json
    assert report["label"]["scheme"] == "negative and positive"
    assert report["classes"] == {"negative": 40, "positive": 60}
    assert report["merged"] == {"positive": ["Positive "], "NEGATIVE": ["negative"]}
    assert report["skipped"] == [{"why": "without a label", "rows": 20, "examples": ["N/A"]}]
    out = " ".join(sentiment("inspect", "more.csv").out.split())
    assert "'Positive ' read as 'positive'" in out
    assert "20 reviews skipped: without a label ('N/A')" in out


def test_an_experiment_on_ratings_trains_on_negative_and_positive(stars):
    rows = [[f"cereal number {i}", f"{1 + i % 5},0 von 5 Sternen"] for i in range(100)]
    with (stars / "more.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows([["Text", "Bewertung"], *rows])
    assert sentiment("inspect", "more.csv", "--write-config", "x.yaml").code == 0
    trained = sentiment("train", "x.yaml", "--set", "training.epochs=1", "--out", "made")
    assert trained.code == 0, trained.err
    assert "negative, positive" in trained.err + trained.out
    assert "20 reviews skipped: the label has no class ('3,0 von 5 Sternen')" in trained.err


def test_inspect_warns_of_predictions_as_labels(stars):
    head = "text,label,probability,probability_negative,probability_positive\n"
    rows = (f"cereal number {i},{('negative', 'positive')[i % 2]},0.9,0.9,0.1\n" for i in range(40))
    (stars / "scored.csv").write_text(head + "".join(rows))
    assert "holds predictions of this program" in sentiment("inspect", "scored.csv").err
    trained = sentiment("train", "--set", "data.source=scored.csv", "--set", "training.epochs=1")
    assert "holds predictions of this program" in trained.err
