"""`sentiment eval`, as a user types it."""

from __future__ import annotations

import csv
import shlex

import pytest
from support.cli import sentiment, write_reviews

from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.settings import run_settings
from sentiment_cli.reviews.split import Part

FIGURES = ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "calibration_error")


def test_json_has_every_figure_and_its_interval(here):
    report = sentiment("eval", "--json").json
    for name in FIGURES:
        low, high = report[f"{name}_interval"]
        assert 0 <= low <= high
        assert report[name] >= 0
    for baseline in ("tf_idf", "nb_weighted"):
        low, high = report["baseline"][baseline]["accuracy_difference_interval"]
        assert low < report["baseline"][baseline]["accuracy_difference"] < high
    assert report["reviews"] == sum(map(sum, report["confusion"])) == 24
    assert report["majority"]["accuracy"] == 0.5
    assert sum(row["reviews"] for row in report["by_length"]) == 24


def test_learned_what_the_words_say(here):
    assert sentiment("eval", "--json").json["accuracy"] > 0.8


def test_a_person_reads_tables(here):
    answer = sentiment("eval")
    assert answer.code == 0
    for word in (
        "24 test reviews",
        "TF-IDF bigrams",
        "NB-weighted trigrams",
        "balanced accuracy",
        "95% interval",
        "recall",
        "by length",
    ):
        assert word in answer.out


def test_skewed_classes_are_told_in_balanced_accuracy_too(here):
    write_reviews(here / "more.csv", ["bad", "good"], rows=40, seed=9)
    rows = (here / "more.csv").read_text().splitlines()
    bad = [row for row in rows[1:] if row.endswith("bad")]
    kept = [row for row in rows if row not in bad[4:]]
    (here / "skewed.csv").write_text("\n".join(kept) + "\n")
    assert "  balanced  " in sentiment("eval", "--data", "skewed.csv").out
    assert "  balanced  " not in sentiment("eval", "--data", "more.csv").out


def test_a_source_that_was_moved_is_found_by_set_and_split_as_before(here, monkeypatch):
    assert sentiment("train", "tiny.yaml", "--out", "own").code == 0
    known = sentiment("eval", "--run", "own", "--json").json
    (here / "reviews.csv").rename(here / "moved.csv")
    monkeypatch.setenv("SENTIMENT_CACHE", str(here / "another machine's"))
    assert sentiment("eval", "--run", "own").code == 3
    moved = sentiment("eval", "--run", "own", "--set", "data.source=moved.csv", "--json")
    assert moved.code == 0, moved.err
    assert moved.json["confusion"] == known["confusion"]
    assert moved.json["baseline"].keys() == known["baseline"].keys()


def test_eval_takes_a_glob_and_a_column_with_a_colon(here):
    write_reviews(here / "more.csv", ["bad", "good"], rows=31, seed=9)
    renamed = (here / "more.csv").read_text().replace("text", "Review: body", 1)
    (here / "more.csv").write_text(renamed)
    for option in ((), ("--text-column", "Review: body")):
        answer = sentiment("eval", "--data", "mor*.csv", *option, "--json")
        assert answer.code == 0, answer.err
        assert answer.json["reviews"] == 31
        assert ("text column of more.csv: 'Review: body'" in answer.err) == (not option)


def test_a_split_that_gives_training_reviews_to_the_test_is_refused(here):
    answer = sentiment("eval", "--set", "data.split_seed=7")
    assert answer.code == 2
    assert "data.split_seed" in answer.err


def test_values_that_are_not_listed_are_left_out_of_a_test_file_too(here):
    write_reviews(here / "more.csv", ["bad", "good"], rows=30, seed=9)
    with (here / "more.csv").open("a") as file:
        file.write("neither one nor the other,so-so\n")
    listed = "data.label_map={bad: bad, good: good}"
    given = ("--set", listed, "--set", "data.test=more.csv", "--out", "given")
    assert sentiment("train", "tiny.yaml", *given).code == 0
    own = sentiment("eval", "--run", "given", "--json")
    assert own.code == 0, own.err
    assert own.json["reviews"] == 30
    elsewhere = sentiment("eval", "--data", "more.csv", "--set", listed, "--json")
    assert elsewhere.json["reviews"] == 30
    assert "1 review skipped: the label has no class ('so-so')" in elsewhere.err


def test_another_file_is_measured_whole(here):
    write_reviews(here / "more.csv", ["bad", "good"], rows=31, seed=9)
    assert sentiment("eval", "--data", "more.csv", "--json").json["reviews"] == 31


@pytest.mark.parametrize("name", ["reviews.csv", "moved.csv"])
def test_eval_leaves_out_the_reviews_that_the_run_was_trained_on(here, name):
    (here / "moved.csv").write_bytes((here / "reviews.csv").read_bytes())
    answer = sentiment("eval", "--data", name, "--json")
    assert (answer.json["trained_on"], answer.json["reviews"]) == (84, 36)
    assert "was trained on 84 of 120 reviews; the figures are of the others" in answer.err


def test_eval_of_reviews_that_are_all_known_is_an_error(here):
    experiment = run_settings(here / "runs/tiny")
    known = [review.text for review in open_corpus(experiment).reviews(Part.TRAINING)]
    with (here / "known.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *((text, "good") for text in known)])
    answer = sentiment("eval", "--data", "known.csv")
    assert answer.code == 3
    assert "the run was trained on all 84 reviews" in answer.err


def test_eval_measures_no_own_test_review_that_the_run_was_trained_on(here):
    assert sentiment("eval", "--json").json["trained_on"] == 0


def test_other_columns_and_labels_are_mapped(here):
    with (here / "stars.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["body", "stars"])
        writer.writerows([["crunchy lovely", "5"], ["stale soggy", "1"], ["average", "3"]])
    answer = sentiment(
        "eval", "--data", "stars.csv", "--text-column", "body", "--label-column", "stars",
        "--set", "data.label_map={1: negative, 5: positive}", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert answer.json["reviews"] == 2


@pytest.mark.parametrize("column", ["label", "Bewertung"])
def test_eval_reads_stars_as_the_classes_of_the_run(here, column):
    rows = [["crunchy lovely", "5 Sterne"], ["stale soggy", "1 Stern"], ["fine", "3 Sterne"]]
    with (here / "stars.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["Kommentar", column], *rows, ["crunchy", "N/A"]])
    answer = sentiment("eval", "--data", "stars.csv", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["reviews"] == 2
    assert answer.json["accuracy"] == 1
    assert "text column of stars.csv: 'Kommentar'" in answer.err
    assert ("label column of stars.csv: 'Bewertung'" in answer.err) == (column == "Bewertung")
    assert "ratings out of 5: '1 Stern' read as negative, '5 Sterne' read as positive" in answer.err
    assert "1 review skipped: in the middle of the scale ('3 Sterne')" in answer.err
    assert "1 review skipped: without a label ('N/A')" in answer.err


def test_eval_chooses_another_column_if_the_labels_of_the_runs_own_do_not_fit(here):
    rows = "crunchy lovely,17,4,Positive\nstale soggy,23,0,very negative\n"
    (here / "codes.csv").write_text(f"text,label,n,label_text\n{rows}")
    answer = sentiment("eval", "--data", "codes.csv", "--json")
    assert answer.code == 0, answer.err
    assert (answer.json["reviews"], answer.json["accuracy"]) == (2, 1)
    assert "label column of codes.csv: 'label_text'" in answer.err
    named = sentiment("eval", "--data", "codes.csv", "--label-column", "label")
    assert named.code == 3


def test_eval_reads_a_flag_of_something_bad_as_negative(here):
    (here / "flags.csv").write_text("text,toxic\ncrunchy lovely,0\nstale soggy,1\n")
    answer = sentiment("eval", "--data", "flags.csv", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["accuracy"] == 1


def test_eval_ignores_case_and_blanks_of_labels(here):
    (here / "odd.csv").write_text("text,label\ncrunchy lovely, POSITIVE\nstale,Negative \n")
    answer = sentiment("eval", "--data", "odd.csv", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["reviews"] == 2


def test_eval_skips_neutral_reviews_if_the_run_has_no_such_class(here):
    (here / "three.csv").write_text("text,label\ncrunchy lovely,1\nstale,-1\nfine,0\n")
    answer = sentiment("eval", "--data", "three.csv", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["reviews"] == 2
    assert "reviews read as neutral are skipped" in answer.err


@pytest.mark.parametrize("option", [(), ("--label-column", "label")])
def test_eval_warns_of_predictions_as_labels(here, option):
    (here / "more.csv").write_text("text\ncrunchy lovely\nstale soggy\n")
    assert sentiment("predict", "--file", "more.csv", "--out", "scored.csv").code == 0
    answer = sentiment("eval", "--data", "scored.csv", *option)
    assert answer.code == 0, answer.err
    assert "column 'label' of scored.csv holds predictions of this program" in answer.err


def test_eval_takes_the_labels_next_to_predictions(here):
    (here / "more.csv").write_text("text,label\ncrunchy lovely,negative\nstale,positive\n")
    assert sentiment("predict", "--file", "more.csv", "--out", "scored.csv").code == 0
    answer = sentiment("eval", "--data", "scored.csv", "--json")
    assert answer.json["accuracy"] == 0
    assert "label column of scored.csv: 'input_label'" in answer.err
    assert "holds predictions" not in answer.err


def test_eval_asks_what_unclear_labels_mean_by_a_hint_that_works(here):
    (here / "odd.csv").write_text("text,label\ncrunchy lovely,A1\nstale,it's B\n")
    answer = sentiment("eval", "--data", "odd.csv")
    assert answer.code == 3
    assert "column 'label' holds 'A1', \"it's B\"" in answer.err
    option, setting = shlex.split(answer.err.rpartition("example: ")[2])
    answer = sentiment("eval", "--data", "odd.csv", option, setting, "--json")
    assert answer.json["reviews"] == 2


def test_eval_lists_labels_that_a_given_map_does_not_have(here):
    (here / "words.csv").write_text("text,label\nfresh,blue\nstale,red\n")
    given = ("--set", "data.label_map={up: positive, down: negative}")
    answer = sentiment("eval", "--data", "words.csv", *given)
    assert answer.code == 3
    assert "column 'label' holds 'blue', 'red'" in answer.err


def test_a_changed_file_of_other_classes_is_an_error(here):
    sentiment("train", "tiny.yaml", "--set", "training.epochs=1", "--out", "made")
    (here / "reviews.csv").unlink()
    write_reviews(here / "reviews.csv", ["mixed", "good"])
    answer = sentiment("eval", "--run", "made")
    assert answer.code == 3
    assert "mixed" in answer.err


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_a_folder_that_is_no_run_is_exit_4(here, folder):
    answer = sentiment("eval", "--run", folder)
    assert answer.code == 4
    assert "sentiment runs" in answer.err


def test_each_look_at_the_test_reviews_is_counted(here):
    (here / "runs").rename(here / "trained")
    assert "looked at once" in sentiment("eval", "--run", "trained/tiny").err
    assert "looked at twice" in sentiment("eval", "--run", "trained/tiny").err
    write_reviews(here / "more.csv", ["bad", "good"], rows=31, seed=9)
    other = sentiment("eval", "--run", "trained/tiny", "--data", "more.csv")
    assert "looked at once" in other.err


@pytest.mark.parametrize("broken", ["folder", "nonsense"])
def test_a_ledger_that_is_broken_keeps_no_result_back(here, broken):
    (here / "runs").rename(here / "trained")
    ledger = here / "runs" / "ledger.jsonl"
    ledger.parent.mkdir()
    if broken == "folder":
        ledger.mkdir()
    else:
        ledger.write_text("nonsense\n")
    answer = sentiment("eval", "--run", "trained/tiny", "--json")
    assert answer.code == 0
    assert "warning: " in answer.err
    assert answer.json["reviews"] == 24


def test_linear_models_are_measured_on_another_file_too(here):
    write_reviews(here / "more.csv", ["bad", "good"], rows=12, seed=9)
    report = sentiment("eval", "--data", "more.csv", "--json").json
    assert report["baseline"].keys() == {"tf_idf", "nb_weighted"}


def test_the_source_of_a_run_is_left_alone_where_another_is_named(here, monkeypatch):
    write_reviews(here / "more.csv", ["bad", "good"], rows=12, seed=9)
    monkeypatch.setenv("SENTIMENT_CACHE", str(here / "empty"))
    answer = sentiment("eval", "--data", "more.csv", "--json")
    assert answer.code == 0
    assert answer.json["baseline"] == {}
    assert "no linear model stands beside it: " in answer.err
