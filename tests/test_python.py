"""The public face in Python, and what the documents show of it."""

from __future__ import annotations

import doctest
import os
import pickle
import subprocess
import sys
import textwrap
from itertools import takewhile
from pathlib import Path

import pytest
from support.cli import TINY, WORDS, sentiment, write_reviews
from support.predictor import predictor

import sentiment_cli

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with the run `runs/lstm`, which tells positive from negative reviews."""
    folder = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SENTIMENT_CACHE", str(folder / "cache"))
        patch.setitem(WORDS, "positive", WORDS["good"])
        patch.setitem(WORDS, "negative", WORDS["bad"])
        write_reviews(folder / "reviews.csv", ["negative", "positive"])
        (folder / "lstm.yaml").write_text(TINY, encoding="utf-8")
        answer = sentiment("train", "lstm.yaml", "--set", "training.epochs=8")
        assert answer.code == 0, answer.err
        yield folder


def test_the_guide_to_python_says_what_happens(desk):
    found = doctest.testfile(
        str(DOCS / "python.md"), module_relative=False, optionflags=doctest.ELLIPSIS
    )
    assert found.attempted > 5
    assert found.failed == 0


def test_the_public_names_are_those():
    assert sentiment_cli.__all__ == ["Prediction", "Predictor", "__version__"]
    assert {name for name in dir(sentiment_cli) if name[0].isupper()} >= {"Prediction", "Predictor"}
    for name in sentiment_cli.__all__:
        assert getattr(sentiment_cli, name)
    with pytest.raises(AttributeError, match="no attribute 'Trainer'"):
        _ = sentiment_cli.Trainer


def test_the_package_alone_loads_nothing():
    code = "import sentiment_cli, sys; print(*(m for m in sys.modules if 'sentiment' in m))"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert found.stdout.split() == ["sentiment_cli"]


@pytest.mark.parametrize("by_torch", [False, True])
def test_a_pickled_predictor_answers_the_same(by_torch):
    one = predictor()
    if by_torch:
        one.engine.use_torch()
    texts = ["crunchy box", "", "stale milk !"]
    other = pickle.loads(pickle.dumps(one))
    for expected, found in zip(one(texts), other(texts), strict=True):
        assert found.label == expected.label
        assert found.flags == expected.flags
        assert found.probabilities == pytest.approx(expected.probabilities, abs=1e-5)


def program(name):
    """A program that docs/scale.md shows: the indented lines from its name on."""
    lines = (DOCS / "scale.md").read_text(encoding="utf-8").splitlines()
    start = lines.index(f"    # {name}")
    own = takewhile(lambda line: not line or line.startswith("    "), lines[start:])
    return textwrap.dedent("\n".join(own)) + "\n"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["pool.py", "by_ray.py"])
def test_the_programs_of_the_guide_to_scale_answer(desk, name):
    if name == "by_ray.py":
        pytest.importorskip("ray")
    (desk / name).write_text(program(name), encoding="utf-8")
    found = subprocess.run(
        [sys.executable, name], cwd=desk, capture_output=True, text=True, check=False,
        env=os.environ | {"RAY_USAGE_STATS_ENABLED": "0"}, timeout=800,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert found.stdout.split() == ["positive", "negative"]
