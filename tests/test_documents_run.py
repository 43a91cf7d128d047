"""The commands of the documents are run, page by page, and answer what the page shows.

Each page has a folder of its own, in which its commands follow each other and its files are saved.
What is shown is compared but for numbers with a decimal point, which another processor rounds
otherwise; `...` stands for anything.
"""

from __future__ import annotations

import doctest
import fnmatch
import os
import re
import subprocess
import sys
import tomllib

import pytest
import typer
from support.cli import Answer, sentiment
from support.documents import PAGES, ROOT, Shown, shown, write_files

from sentiment_cli.cli import app
from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.sweep import read_sweep

NOT_RUN = {
    # What trains on IMDb; that each configs/*.yaml loads, tests/config/test_configs.py says.
    "sentiment train": "five minutes",
    "sentiment train configs/*": "a minute to hours",
    "sentiment compare configs/*": "an hour",
    "sentiment compare cells.yaml --seeds 5 *": "fifteen trainings, after a rehearsal that is run",
    "sentiment tune *": "a quarter of an hour; tests/commands/test_tune.py searches a little",
    "sentiment * --run runs/guide-*": "it wants the runs of configs/guide-*.yaml",
    "sentiment eval --run runs/lstm --data *": "it wants the run of configs/lstm.yaml",
    # What needs a machine, or an environment, unlike the tests' own.
    "sentiment train * model.vectors=glove*": "it wants a package, or a file of a gigabyte",
    "sentiment train --set data.source=hub:*": "it fails where the network is missing",
    "sentiment predict --device cuda *": "it fails where there is no GPU",
    "sentiment train * --out small-disk/run": "it fails on a disk of 700 kB",
    "sentiment train --resume runs/long": "it fails while another training writes there",
    "torchrun *": "several processes: tests/faults/test_torchrun.py trains by it",
    "sentiment predict * --engine ray*": "a cluster: tests/commands/test_predict_ray.py has one",
    "tail -f *": "it never ends",
    "make *": "the environment, or what takes minutes: the target is looked up",
    "python benchmarks/*": "tests/test_benchmarks.py runs each of them",
    "pytest *": "a test itself: the file is looked up",
    "pip install *": "it wants the network: the extra is looked up",
}
"""Commands that are not run here, and why; the first words, or a pattern, of each."""


pytestmark = pytest.mark.timeout(600)  # a page is several trainings, and a machine may be busy


def not_run(command: Shown) -> bool:
    return any(fnmatch.fnmatchcase(" ".join(command.words), pattern) for pattern in NOT_RUN)


def found(page):
    return [step for step in shown(page) if isinstance(step, Shown)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_runs_and_answers_what_is_shown(page, tmp_path, monkeypatch):
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "80")
    for step in shown(page):
        if not isinstance(step, Shown):
            name, content = step
            (tmp_path / name).write_text(content, encoding="utf-8")
        elif not not_run(step):
            answer = _run(step)
            failing = "error:" in step.answer
            assert answer.code == (step.code if failing else 0), (step, answer)
            assert not step.answer or _is_shown(step.answer, answer), (step, answer)


def _run(step: Shown) -> Answer:
    """Run a command: in this process, or by a shell where it takes one."""
    (program, *words), *others = step.parts
    if program == "sentiment" and not others:
        return sentiment(*words)
    python = f'sentiment() {{ {sys.executable} -m sentiment_cli "$@"; }}; '
    ended = subprocess.run(
        ["bash", "-c", "set -o pipefail; " + python + step.command],
        capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True, check=False,
    )  # fmt: skip
    return Answer(ended.returncode, ended.stdout, ended.stderr)


def _is_shown(wanted: str, answer: Answer) -> bool:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    check = doctest.OutputChecker().check_output
    return any(check(_rough(wanted), _rough(got), flags) for got in (answer.out, answer.err))


def _rough(text: str) -> str:
    return re.sub(r"\d+\.\d+", "#", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_not_run_is_one_that_exists(page):
    for step in filter(not_run, found(page)):
        for program, *words in step.parts:
            _look_up(program, words)


def _look_up(program, words):
    if program in ("sentiment", "torchrun"):
        _parse(words if program == "sentiment" else words[words.index("sentiment_cli") + 1 :])
    elif program == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert words[0] in targets
    elif program == "pip":
        assert set(re.findall(r"\[(\w+)\]", " ".join(words))) <= _extras()
    elif program in ("python", "pytest"):
        own = ("benchmarks/", "tests/", "tools/")
        assert all((ROOT / word).exists() for word in words if word.startswith(own)), words


def _parse(words):
    """Parse a command line as the program does, and its experiments with what is set."""
    name, *arguments = words
    command = typer.main.get_command(app).commands[name]
    given = command.make_context(name, arguments).params
    sets = given.get("overrides") or ()
    for config in [given[key] for key in ("config", "configs") if given.get(key)]:
        for path in config if isinstance(config, (list, tuple)) else [config]:
            if str(path).startswith("configs/"):
                (read_sweep if name == "compare" else read_experiment)(ROOT / path, sets)
    if name == "train" and not given["config"]:
        read_experiment(None, sets)


def _extras():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return set(project["optional-dependencies"])


def test_every_reason_not_to_run_a_command_is_needed():
    commands = [" ".join(step.words) for page in PAGES for step in found(page)]
    for pattern in NOT_RUN:
        assert fnmatch.filter(commands, pattern), pattern
