"""An inspection as a person reads it."""

from __future__ import annotations

from itertools import chain
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sentiment_cli.console import output

_BAR = 24  # characters of the bar of the commonest value
_VALUES = 25  # labels listed, the most frequent ones
_SHOWN = 2  # rows, or groups of rows, quoted of each finding
_MEMBERS = 3  # rows quoted of a group
_REPEATS = {
    "equal but for case, punctuation, markup": "duplicates",
    "nearly the same as another": "near_duplicates",
    "equal, but of two classes": "conflicts",
}
_CHARACTERS = {
    "with control characters": "control",
    "with replacement characters (U+FFFD)": "replacement",
    "with private use characters": "private_use",
}


def show_inspection(report: dict[str, Any]) -> None:
    """Write an inspection's report to stdout, in tables."""
    console = output.tables()
    console.print(_columns(report))
    console.print(_taken(report))
    if report["values"] and report["labels"]:
        console.print(_balance(report))
    console.print(_lengths(report))
    for cut in report["cuts"]:
        console.print(_cut(cut))
        if not cut["reviews"]:
            break  # a larger one cuts none either
    console.print()
    _show_findings(console, report)
    for title, rows in _quoted(report):
        console.print(title, style="bold")
        console.print(_rows(rows, report["source"]))
        console.print()


def _table(title: str | None = None) -> Table:
    return Table(
        title=title and output.one_line(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )


def _columns(report: dict[str, Any]) -> Table:
    table = _table(f"{report['source']}: {report['rows']:,} rows")
    table.expand = True
    table.add_column("column", no_wrap=True, max_width=24)
    table.add_column("filled", justify="right")
    table.add_column("values", justify="right")
    table.add_column("sample", no_wrap=True, overflow="ellipsis", ratio=1)
    for column in report["columns"]:
        table.add_row(
            Text(output.one_line(column["name"], 24)),
            _share(column["filled"], report["rows"]),
            "many" if column["values"] is None else f"{column['values']:,}",
            Text(output.one_line(column["sample"])),
        )
    return table


def _taken(report: dict[str, Any]) -> Table:
    """What is taken for the fields, the text, the label and the classes, and why."""
    grid = Table.grid(padding=(0, 2))
    for note in report["notes"]:
        grid.add_row("note", Text(output.one_line(note)))
    for kind in ("text", "label"):
        taken = report[kind]
        name = "none" if taken["column"] is None else output.one_line(taken["column"], 40)
        grid.add_row(kind, Text(f"{name}: {taken['reason']}"))
    if report["label"]["column"] is not None:
        grid.add_row("classes", Text(output.one_line(report["labels_reason"])))
    if report["imbalance"]:
        grid.add_row("balance", _balance_in_words(report))
    if report["scripts"]:
        shares = ", ".join(f"{name} {_percent(part)}" for name, part in report["scripts"].items())
        grid.add_row("scripts", f"{output.one_line(shares, 50)} of the letters")
    grid.add_row("tokens", Text(output.one_line(" | ".join(report["sample_tokens"]), 68)))
    return grid


def _balance_in_words(report: dict[str, Any]) -> Text:
    classes = sorted(report["classes"].items(), key=lambda item: -item[1])
    total = sum(report["classes"].values())
    said = ", ".join(
        f"{output.one_line(name, 30)} {_share(count, total)}" for name, count in classes[:4]
    )
    rest = len(classes) - 4
    more = f" and {rest} more class{'es' * (rest > 1)}" if rest > 0 else ""
    return Text(f"{said}{more}, which is {report['imbalance']:.1f} to 1")


def _balance(report: dict[str, Any]) -> Table:
    table = _table()
    table.add_column(Text(output.one_line(report["label"]["column"], 24)), no_wrap=True)
    table.add_column("class", no_wrap=True)
    table.add_column("rows", justify="right")
    table.add_column("share", justify="right")
    table.add_column("", no_wrap=True)
    values = report["values"]
    shown = sorted(values, key=lambda value: -values[value])[:_VALUES]
    for value in sorted(shown, key=lambda value: (len(value), value)):
        name = report["labels"].get(value)
        table.add_row(
            Text(output.one_line(value, 30) or "(empty)"),
            Text("skipped", style="dim") if name is None else Text(output.one_line(name, 24)),
            f"{values[value]:,}",
            _share(values[value], report["rows"]),
            "█" * max(1, round(_BAR * values[value] / max(values.values()))),
        )
    if len(values) > _VALUES:
        rest = sum(values.values()) - sum(values[value] for value in shown)
        table.add_row(f"{len(values) - _VALUES:,} more", "", f"{rest:,}", "", "")
    return table


def _lengths(report: dict[str, Any]) -> Table:
    names = {"p50": "median", "max": "longest"}
    table = _table("tokens a review")
    for name in report["tokens"]:
        table.add_column(
            names.get(name, name.replace("p", "") + "%" * (name[0] == "p")), justify="right"
        )
    table.add_row(*(f"{tokens:,.0f}" for tokens in report["tokens"].values()))
    return table


def _cut(cut: dict[str, Any]) -> str:
    if not cut["reviews"]:
        return f"max_tokens {cut['max_tokens']} cuts no review"
    return (
        f"max_tokens {cut['max_tokens']} cuts {_percent(cut['reviews'])} of the reviews, "
        f"{_percent(cut['tokens'])} of all tokens"
    )


def _show_findings(console: Console, report: dict[str, Any]) -> None:
    table = _table("what may need a look")
    table.add_column("")
    table.add_column("rows", justify="right")
    table.add_column("share", justify="right")
    table.add_column("", style="dim")
    none = []
    for name, found, of, note in _found(report):
        if found["rows"]:
            table.add_row(name, f"{found['rows']:,}", _share(found["rows"], of), Text(note))
        else:
            none.append(name)
    if table.row_count:
        console.print(table)
    if none:
        console.print(f"no row is: {'; '.join(none)}", style="dim")
    console.print(f"nearly the same: {report['near_duplicates_method']}", style="dim")
    console.print()


def _groups(count: int) -> str:
    return f"in {count:,} group{'s' * (count != 1)}"


def _found(report: dict[str, Any]) -> list[tuple[str, dict[str, Any], int, str]]:
    """Each finding: its name, its figures, the rows it is a share of, and a note."""
    rows, test = report["rows"], report["test"]
    majority, *others = report["scripts"] or ["Latin"]
    found = [
        ("empty", report["empty"], rows, ""),
        *(
            (name, report[key], rows, _groups(report[key]["groups"]))
            for name, key in _REPEATS.items()
        ),
    ]
    for name, kind in _CHARACTERS.items():
        found.append((name, report["characters"][kind], rows, ""))
    listed = ", ".join(map(output.one_line, others[:4]))
    found.append((f"in another script than {majority}", report["other_scripts"], rows, listed))
    if test:
        name = f"among the {test['rows']:,} of the test, and in training"
        left_out = f"{test['broken']:,} broken left out" if test["broken"] else ""
        found.append((name, test["in_training"], test["rows"], left_out))
    return found


def _quoted(report: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The rows to look at, under the name of each finding."""
    quoted = []
    for name, found, _, _ in _found(report):
        examples = found["examples"][:_SHOWN]
        if "groups" in found:
            examples = list(chain.from_iterable(group[:_MEMBERS] for group in examples))
        if examples:
            quoted.append((name, examples))
    return quoted


def _rows(examples: list[dict[str, Any]], source: str) -> Table:
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    folder = source.rpartition("/")[0]
    for example in examples:
        grid.add_row(
            Text(output.one_line(example["place"].removeprefix(f"{folder}/"), 36)),
            Text(output.one_line(example["label"] or "", 16)),
            Text(output.one_line(example["text"])),
        )
    return grid


def _share(part: int, whole: int) -> str:
    return _percent(part / whole)


def _percent(share: float) -> str:
    """A share in percent, never rounded to all or to none."""
    if 0 < share < 0.0005:
        return "< 0.1%"
    return "> 99.9%" if 0.9995 <= share < 1 else f"{share:.1%}"
