"""An evaluation as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from sentiment_cli.console import output
from sentiment_cli.console.baselines import verdict
from sentiment_cli.network.linear import title

if TYPE_CHECKING:
    from sentiment_cli.inference.evaluation import Evaluation

_SKEWED = 1.2  # times its even share: of so frequent a class, accuracy tells too little
_FIGURES = ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "calibration_error")


def show_evaluation(evaluation: Evaluation) -> None:
    """Write the tables of an evaluation to stdout."""
    report = evaluation.report()
    console = output.tables()
    for table in (
        _scores(report),
        _classes(report),
        _confusion(report),
        _by_length(report),
    ):
        console.print(table)
    if evaluation.worst:
        console.print("the most confident mistakes", style="bold")
    for mistake in evaluation.worst:
        console.print(
            f"{output.one_line(mistake.place)}: {output.one_line(mistake.label)}, "
            f"judged {output.one_line(mistake.predicted)} ({mistake.probability:.1%})"
        )
        console.print(
            Text("  " + output.one_line(mistake.text, 2 * console.width - 8), overflow="fold"),
            style="dim",
        )


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.add_column(Text(output.one_line(first)))
    for column in columns:
        table.add_column(Text(output.one_line(column)), justify="right")
    return table


def _scores(report: dict[str, Any]) -> Table:
    table = _table(f"{report['reviews']:,} test reviews", "", "value", "95% interval")
    for name in _FIGURES:
        low, high = report[f"{name}_interval"]
        form = "{:.4f}" if name == "log_loss" else "{:.2%}"
        table.add_row(
            name.replace("_", " "), form.format(report[name]), f"{form} to {form}".format(low, high)
        )
    majority = report["majority"]
    skewed = majority["accuracy"] > _SKEWED * majority["balanced_accuracy"]
    table.add_row(
        Text(f"accuracy of always answering {output.one_line(majority['label'], 30)}"),
        f"{majority['accuracy']:.2%}",
        "",
        style="dim",
    )
    for name, figures in report["baseline"].items():
        first = Text(f"accuracy of {title(name, figures)}")
        table.add_row(first, f"{figures['accuracy']:.2%}", verdict(figures), style="dim")
        if skewed:
            said = verdict(figures, "balanced_")
            table.add_row("  balanced", f"{figures['balanced_accuracy']:.2%}", said, style="dim")
    return table


def _classes(report: dict[str, Any]) -> Table:
    table = _table("classes", "class", "precision", "recall", "f1", "reviews")
    for row in report["classes"]:
        table.add_row(
            Text(output.one_line(row["class"], 30)),
            *(f"{row[figure]:.2%}" for figure in ("precision", "recall", "f1")),
            f"{row['reviews']:,}",
        )
    return table


def _confusion(report: dict[str, Any]) -> Table:
    names = [output.one_line(row["class"], 20) for row in report["classes"]]
    table = _table("answers", "true class", *names)
    for name, counts in zip(names, report["confusion"], strict=True):
        table.add_row(Text(name), *(f"{count:,}" for count in counts))
    return table


def _by_length(report: dict[str, Any]) -> Table:
    table = _table("by length", "tokens", "reviews", "accuracy")
    for row in report["by_length"]:
        last = row["to"] is None
        tokens = f"over {row['from'] - 1}" if last else f"{row['from']} to {row['to']}"
        table.add_row(tokens, f"{row['reviews']:,}", f"{row['accuracy']:.2%}")
    return table
