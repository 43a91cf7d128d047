"""A comparison as one HTML file: the verdict first, then why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment_cli import __version__
from sentiment_cli.analysis.comparison.picture import accuracies, curves, differences
from sentiment_cli.analysis.page import render_page
from sentiment_cli.config.writer import dump_experiment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.analysis.comparison.contest import Contestant
    from sentiment_cli.analysis.comparison.disagreement import Disagreement
    from sentiment_cli.analysis.comparison.entry import Entry


def comparison_page(
    report: dict[str, Any],
    entries: Sequence[Entry],
    contestants: Sequence[Contestant],
    disagreements: Sequence[Disagreement] | None,
) -> bytes:
    """Return the page of a comparison.

    Args:
        report: by its stable names.
        entries: what it was made of.
        contestants: what was compared.
        disagreements: reviews to quote; None leaves every text of a review out.
    """
    here = f"{Path.cwd()}/"
    settings = [
        (own.name, dump_experiment(own.experiment).replace(here, "")) for own in contestants
    ]
    return render_page(
        "comparison",
        version=__version__,
        run="sentiment compare",
        report=report,
        # The majority class would leave the others no room on the axis.
        accuracies=accuracies([row for row in report["table"] if row["kind"] != "majority"]),
        differences=differences(report["verdicts"]) if report["verdicts"] else None,
        curves=curves(entries),
        disagreements=disagreements,
        settings=settings,
        seeds=sorted({run["seed"] for run in report["runs"]}),
    )
