"""A trained run that labels the reviews without labels."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from support.cli import write_reviews
from support.trainings import at_step, begun, gone_on, results, tiny

from sentiment_cli.analysis.comparison.store import Store
from sentiment_cli.errors import ModelError, SentimentError, UsageError
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.reviews.prepare import prepare
from sentiment_cli.training import teacher
from sentiment_cli.training.teacher import teaching


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("self-training")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTIMENT_CACHE", str(folder / "cache"))
        begun(tiny(folder), folder / "teacher")
        write_reviews(folder / "more.csv", ["good", "bad"], rows=40, seed=3)
    return folder


@pytest.fixture(autouse=True)
def _own_cache(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SENTIMENT_CACHE", str(folder / "cache"))


def student(folder, *settings):
    return tiny(folder, "data.unlabelled=more.csv", "training.teacher=teacher", *settings)


def taught(experiment, progress=lambda *_: None):
    prepared = prepare(experiment, progress=lambda *_: None)
    return prepared, teaching(experiment, prepared, progress=progress)


def test_labelled_reviews_keep_their_labels_and_stand_first(folder):
    prepared, found = taught(student(folder))
    count = len(prepared.training)
    assert len(found) == len(found.lengths) == count + 40
    assert found.labels[:count].argmax(axis=1).tolist() == prepared.training.labels.tolist()
    assert np.isin(found.labels[:count], (0, 1)).all()
    assert found[count].tolist() == prepared.unlabelled[0].tolist()


def test_the_others_get_what_the_teacher_says_of_them(folder):
    prepared, found = taught(student(folder))
    with (folder / "more.csv").open() as file:
        texts = [line.rsplit(",", 1)[0] for line in file.readlines()[1:]]
    said = Predictor.load(folder / "teacher")(texts)
    expected = [[one.probabilities[name] for name in prepared.classes] for one in said]
    assert found.labels[len(prepared.training) :] == pytest.approx(np.array(expected), abs=1e-5)


def test_the_teacher_is_asked_once(folder):
    experiment = student(folder, "tokenizer.vocab_size=100")
    stages = []
    _, first = taught(experiment, lambda *stage: stages.append(stage))
    _, again = taught(experiment, lambda *_: pytest.fail("asked again"))
    assert stages[-1] == ("letting the teacher judge", 40, 40)
    assert np.array_equal(first.labels, again.labels)


def test_without_a_teacher_the_labelled_reviews_teach_alone(folder):
    prepared, found = taught(tiny(folder, "data.unlabelled=more.csv"))
    assert found is prepared.training


def test_an_interrupted_student_comes_to_the_same(folder):
    experiment = student(folder, "training.objective=adversarial", "model.word_dropout=0.2")
    begun(experiment, folder / "whole")
    begun(experiment, folder / "parts", at_step(4))
    gone_on(folder / "parts")
    assert results(folder / "parts") == results(folder / "whole")
    figures = json.loads((folder / "whole" / "metrics.json").read_text())
    assert figures["teacher"] == str(folder / "teacher")
    assert figures["steps"] == 3 * -(-(sum(figures["reviews"]["training"]) + 40) // 16)


def test_another_run_in_the_place_of_a_teacher_makes_another_student(folder):
    experiment = tiny(folder, "data.unlabelled=more.csv", "training.teacher=changing")
    places = []
    for lr in (0.01, 0.02):
        begun(tiny(folder, f"training.lr={lr}"), folder / "changing")
        places.append(Store(folder / "kept", "content").run("student", experiment))
        shutil.rmtree(folder / "changing")
    assert places[0] != places[1]


def test_a_student_does_not_go_on_under_another_teacher(folder):
    begun(tiny(folder), folder / "replaced")
    experiment = student(folder, "training.teacher=replaced")
    begun(experiment, folder / "half", at_step(4))
    shutil.rmtree(folder / "replaced")
    with pytest.raises(ModelError, match="there is no run folder") as missing:
        gone_on(folder / "half")
    assert "put it back" in str(missing.value.hint)
    begun(tiny(folder, "training.lr=0.011"), folder / "replaced")
    with pytest.raises(ModelError, match="the teacher have changed"):
        gone_on(folder / "half")


def refused(experiment, out):
    with pytest.raises(SentimentError) as caught:
        begun(experiment, out)
    assert not out.exists()
    return caught.value


def test_a_teacher_of_nothing_is_refused(folder):
    fault = refused(tiny(folder, "training.teacher=teacher"), folder / "none")
    assert isinstance(fault, UsageError)
    assert "data.unlabelled, which names none" in fault.what


def test_a_teacher_that_is_none_is_refused(folder):
    fault = refused(student(folder, "training.teacher=nobody"), folder / "none")
    assert isinstance(fault, ModelError)
    assert fault.what == f"training.teacher: there is no run folder {folder / 'nobody'}"


def test_a_damaged_teacher_is_refused(folder):
    (folder / "empty").mkdir()
    fault = refused(student(folder, "training.teacher=empty"), folder / "none")
    assert isinstance(fault, ModelError)
    assert fault.what.startswith("training.teacher: ")


def test_an_unfinished_teacher_is_refused(folder):
    begun(tiny(folder, "checkpoint.every=1"), folder / "unfinished", at_step(2))
    fault = refused(student(folder, "training.teacher=unfinished"), folder / "none")
    assert "is not finished" in fault.what
    assert f"--resume {folder / 'unfinished'}" in fault.hint


@pytest.mark.parametrize(
    ("setting", "hint"),
    [("seed=1", "data.split_seed=0"), ("data.test_fraction=0.3", "data.test_fraction=0.2")],
)
def test_a_teacher_that_learned_from_what_tests_here_is_refused(folder, setting, hint):
    fault = refused(student(folder, setting), folder / "none")
    assert "reviews that steer or test here taught it" in fault.what
    assert f"--set {hint}" in fault.hint


def test_a_teacher_of_other_reviews_may_have_split_them_otherwise(folder):
    write_reviews(folder / "shop.csv", ["bad", "good"], seed=7)
    _, found = taught(student(folder, "data.source=shop.csv", "seed=5"))
    assert found.labels.ndim == 2


def test_a_teacher_of_other_classes_is_refused(folder):
    write_reviews(folder / "three.csv", ["bad", "good", "mixed"])
    fault = refused(student(folder, "data.source=three.csv"), folder / "none")
    assert "answers with bad, good, and the reviews are bad, good, mixed" in fault.what


def test_reviews_that_change_meanwhile_are_an_error(folder, monkeypatch):
    experiment = student(folder, "tokenizer.vocab_size=90")
    prepared = prepare(experiment, progress=lambda *_: None)
    monkeypatch.setattr(teacher, "fingerprint", lambda _: "of another day")
    with pytest.raises(SentimentError, match="changed"):
        teaching(experiment, prepared, progress=lambda *_: None)
