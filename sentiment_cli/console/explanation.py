"""An explanation as a person reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich import box
from rich.columns import Columns
from rich.table import Table
from rich.text import Text

from sentiment_cli.analysis.explanation.named import named_words
from sentiment_cli.console import output
from sentiment_cli.console.tinted import tinted_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from sentiment_cli.analysis.explanation.deletion import Deletions
    from sentiment_cli.analysis.explanation.ngrams import Ngrams
    from sentiment_cli.analysis.explanation.record import Explanation

_WIDEST = 100  # columns of a line of text


def show_explanation(explanation: Explanation) -> None:
    """Write the review, its curve, its lists of words and its scores to stdout."""
    console = output.tables()
    label = output.one_line(explanation.prediction.label, 30)
    console.print(Text(f"{label}  {explanation.prediction.probability:.3f}", style="bold"))
    console.print()
    for line in tinted_lines(
        explanation.words,
        explanation.attribution.contributed.tolist(),
        explanation.running.tolist(),
        min(_WIDEST, console.width),
    ):
        console.print(line, soft_wrap=True)
    console.print()
    _say(console, f"Blue speaks for {label}, orange against it. Below each word: how probable")
    _say(console, f"{label} would be had the review ended there. Kept is an amount in the state,")
    _say(console, "spoke is in hundredths of probability.")
    if explanation.ngrams is not None:
        _say(console, "An n-gram's value is its log-count ratio in the training reviews.")
    console.print()
    console.print(_lists(explanation))
    console.print()
    console.print(_scores(explanation.scores))
    for sentence in _sentences(explanation):
        _say(console, sentence)


def _say(console: Console, sentence: str) -> None:
    console.print(Text(sentence), style="dim")


def _lists(explanation: Explanation) -> Table:
    grid = Table.grid(padding=(0, 2), pad_edge=False)
    grid.add_column(no_wrap=True)
    grid.add_column()
    for title, unit, words in named_words(explanation):
        grid.add_row(title, _named(words, _FORMS[unit]))
    unknown = [explanation.words.shown[t] for t in explanation.words.unknown]
    if unknown:
        grid.add_row("unknown", Text(", ".join(output.one_line(word, 30) for word in unknown)))
    if "truncated" in explanation.prediction.flags:
        read = explanation.words.read
        grid.add_row("truncated", f"{len(read.ids):,} of {read.found:,} words are read")
    return grid


def _named(words: list[tuple[str, float]], form: Callable[[float], str]) -> Columns:
    """Return words in columns, each with its value."""
    named = [
        Text.assemble(output.one_line(word, 40), (f" {form(value)}", "dim"))
        for word, value in words
    ]
    return Columns(named or [Text("-")], padding=(0, 2))


def _amount(value: float) -> str:
    return f"{value:.3f}" if value >= 0.0005 else "0"


def _points(value: float) -> str:
    return f"{value:+.0f}" if abs(value) >= 10 else f"{value:+.2g}"


_FORMS: dict[str, Callable[[float], str]] = {
    "amount": _amount,
    "points": _points,
    "ratio": "{:+.1f}".format,
}


def _scores(scores: Deletions) -> Table:
    table = Table(
        title="probability lost", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD,
        pad_edge=False,
    )  # fmt: skip
    table.add_column("words named by")
    for column in ("without them", "with them alone", "better than random words"):
        table.add_column(column, justify="right")
    for name, score in scores.methods.items():
        beaten = f"{scores.beaten(name)} times of {len(scores.random)}"
        table.add_row(name, *(f"{value:+.3f}" for value in score), beaten)
    table.add_row("chance", *(f"{value:+.3f}" for value in scores.chance), "", style="dim")
    table.add_row("being last", *(f"{value:+.3f}" for value in scores.last), "", style="dim")
    return table


def _sentences(explanation: Explanation) -> Iterator[str]:
    yield "Kept is what is stored to the end; contributed is what the answer used."
    pooling = explanation.architecture.pooling
    if pooling != "last":
        yield (
            f"This network answers from all its states ({pooling} pooling): "
            "it need not keep a word to the end to use it."
        )
    if explanation.scores.beaten("kept") < len(explanation.scores.random):
        yield "That the words kept here are a surer guide than random words is not shown."
    if explanation.ngrams is not None:
        yield _shares(explanation, explanation.ngrams)
    gradients = explanation.attribution.gradients
    if gradients is not None:
        complete = "complete" if gradients.complete else "NOT complete"
        yield (
            f"Integrated gradients are {complete}: they miss {gradients.share:.2%} "
            "of what they attribute."
        )
    yield "One review proves little: --check 500 in place of the review asks many."


def _shares(explanation: Explanation, ngrams: Ngrams) -> str:
    label = output.one_line(explanation.prediction.label, 30)
    against = " against the mean of the others" if explanation.architecture.num_classes > 2 else ""
    return (
        f"The sum of n-gram inputs adds {ngrams.direct_sum:+.1f} to the log odds of "
        f"{label}{against}, the recurrent path {ngrams.recurrent:+.1f}."
    )
