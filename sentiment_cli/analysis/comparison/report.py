"""A comparison by stable names: the runs, the table, the verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentiment_cli import metrics
from sentiment_cli.analysis.comparison.speed import sentence, speeds
from sentiment_cli.analysis.comparison.verdicts import summary, verdicts
from sentiment_cli.network.linear import KINDS
from sentiment_cli.reviews.split import set_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.analysis.comparison.entry import Entry, Measured


def report(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return all that a comparison says, without any review's text."""
    found = verdicts(entries)
    scores = entries[0].scores[0]
    return {
        "reviews": len(scores.labels),
        "test_set": set_hash(scores.hashes),
        "runs": [_run(entry, run) for entry in entries for run in entry.runs],
        "table": [entry.row() for entry in entries],
        "verdicts": [verdict.record() for verdict in found],
        "speeds": [{**speed, "sentence": sentence(speed)} for speed in speeds(entries)],
        "summary": summary(found, entries) + _unconverged(entries),
    }


def _unconverged(entries: Sequence[Entry]) -> list[str]:
    """Return a sentence for each linear model whose fit did not converge."""
    titles = {
        KINDS[name].title
        for entry in entries
        for run in entry.runs
        for name, figures in run.metrics()["baseline"].items()
        if not figures.get("converged", True)
    }
    return [f"the fit of {title} did not converge" for title in sorted(titles)]


def _run(entry: Entry, run: Measured) -> dict[str, Any]:
    own, timing = run.metrics(), run.timing()
    return {
        "run": str(run.folder),
        "name": entry.name,
        "seed": run.seed,
        **metrics.score(run.scores.labels, run.scores.probabilities),
        "validation_accuracy": own["validation"]["accuracy"],
        "epochs": own["epochs"],
        "seconds": timing.get("seconds"),
        "tokens_per_second": timing.get("tokens_per_second"),
        "device": timing.get("device"),
    }
