"""The page of `sentiment compare --html`, in a real browser."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from support.entries import entry, timed

from sentiment_cli.analysis.comparison.contest import Contestant
from sentiment_cli.analysis.comparison.disagreement import Disagreement
from sentiment_cli.analysis.comparison.entry import Entry, Measured
from sentiment_cli.analysis.comparison.page import comparison_page
from sentiment_cli.analysis.comparison.report import report
from sentiment_cli.config.schema import Experiment, ModelConfig

from .conftest import is_wider_than_its_window, violations

CELLS = ("rnn", "lstm", "gru")
HOSTILE = "<script>alert(1)</script> " + "word " * 400 + "x" * 300


class Told(Measured):
    """A run that tells of a training which never was."""

    def metrics(self):
        return {"parameters": 1234, "epochs": 3, "validation": {"accuracy": 0.9}, "baseline": {}}

    def file_bytes(self):
        return 5_000_000


def network(folder: Path, name: str) -> Entry:
    own = timed(name, folder, 900, 1000, 1100)
    for run in own.runs:
        records = [{"epoch": at, "validation_accuracy": 0.8 + at / 50} for at in (1, 2, 3)]
        (run.folder / "history.jsonl").write_text("\n".join(map(json.dumps, records)))
    runs = [Told(run.seed, run.folder, run.scores) for run in own.runs]
    return Entry(name, "network", own.scores, runs)


@cache
def html() -> bytes:
    with TemporaryDirectory() as folder:
        entries = [
            *(network(Path(folder), name) for name in CELLS),
            entry("TF-IDF bigrams", 0.85, kind="linear"),
            entry("majority class", 0.5, kind="majority"),
        ]
        contestants = [Contestant(own, Experiment(model=ModelConfig(cell=own))) for own in CELLS]
        quoted = [Disagreement(HOSTILE, "good", dict.fromkeys(CELLS, 0.4))]
        return comparison_page(report(entries), entries, contestants, quoted)


def test_axe_finds_nothing_wrong(opened, look):
    page = opened(html(), **look)
    assert violations(page) == {}
    assert not is_wider_than_its_window(page)


def test_the_verdict_is_seen_first(opened, look):
    page = opened(html(), **look)
    verdict = page.locator(".verdict").bounding_box()
    assert verdict["y"] < 300
    assert "no difference shown between" in page.locator(".verdict").inner_text()


def test_a_review_stays_text(opened):
    page = opened(html())
    assert page.locator("blockquote").inner_text().startswith("<script>alert(1)</script>")


def test_intervals_are_pictured_and_told(opened, look):
    page = opened(html(), **look)
    rows = page.locator(".picture").first.locator("tbody tr:not(.ticks)")
    assert rows.count() == 4  # without the majority class
    for row in rows.all():
        assert " to " in row.locator(".figures").inner_text()
        picture, mark = row.locator("svg").bounding_box(), row.locator("circle").bounding_box()
        middle = mark["x"] + mark["width"] / 2
        assert picture["x"] <= middle <= picture["x"] + picture["width"]


def test_settings_open_by_the_keyboard(opened):
    page = opened(html())
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("pre").first.is_visible()


def test_printed_it_keeps_all_that_counts(opened):
    page = opened(html())
    page.emulate_media(media="print")
    for part in (".verdict", ".picture", ".curves", "blockquote"):
        assert page.locator(part).first.is_visible()
