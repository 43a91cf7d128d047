"""How far explanations are true, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from sentiment_cli.console import output

if TYPE_CHECKING:
    from sentiment_cli.analysis.explanation.faithfulness import Faithfulness

_OTHERS = {"random": "random words", "last": "the last words"}
_MORE = {"better": "more than", "no better": "no more than", "worse": "less than"}
_BETTER = {"better": "better than", "no better": "no better than", "worse": "worse than"}


def show_faithfulness(faithfulness: Faithfulness) -> None:
    """Write the scores over many reviews, and in words what they say of each method."""
    report = faithfulness.report()
    console = output.tables()
    console.print(_scores(report))
    console.print(_gains(report))
    for sentence in _sentences(report):
        console.print(Text(sentence))


def _scores(report: dict[str, Any]) -> Table:
    title = f"probability lost, mean of {report['reviews']:,} test reviews (95% interval)"
    table = _table(title, "words named by", "without them", "with them alone")
    for name, scores in report["scores"].items():
        style = "dim" if name in _OTHERS else ""
        cells = (_figure(scores, measure) for measure in ("comprehensiveness", "sufficiency"))
        table.add_row(
            {"random": "chance", "last": "being last"}.get(name, name), *cells, style=style
        )
    return table


def _gains(report: dict[str, Any]) -> Table:
    others = (f"than without {other}" for other in _OTHERS.values())
    table = _table("how much more is lost without them", "words named by", *others)
    for name, gains in report["better_than"].items():
        table.add_row(name, *(_figure(gains[other], "comprehensiveness") for other in _OTHERS))
    return table


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _figure(figures: dict[str, Any], measure: str) -> str:
    low, high = figures[f"{measure}_interval"]
    return f"{figures[measure]:+.3f} ({low:+.3f} to {high:+.3f})"


def _sentences(report: dict[str, Any]) -> Iterator[str]:
    for name, verdicts in report["verdicts"].items():
        missed = " and ".join(
            f"{_MORE[verdicts[other]['comprehensiveness']]} {called}"
            for other, called in _OTHERS.items()
        )
        enough = _BETTER[verdicts["random"]["sufficiency"]]
        yield (
            f"{name}: its words are missed {missed}; "
            f"alone, they keep the answer {enough} random words."
        )
        if verdicts["random"]["comprehensiveness"] != "better":
            yield f"So {name} explains these answers no better than chance."
    if "complete" in report:
        yield (
            f"gradients: complete within 1% on {report['complete']:,} of {report['reviews']:,} "
            f"reviews; they miss {report['median_gap']:.2%} of what they attribute in the median, "
            f"{report['largest_gap']:.2%} at most."
        )
