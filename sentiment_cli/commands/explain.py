"""`sentiment explain`: what the network remembered of a review, and what it forgot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentiment_cli.commands.options import (
    Force,
    Json,
    Run,
    Set,
    chosen_run,
    loaded,
    require_output,
)
from sentiment_cli.console import output
from sentiment_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentiment_cli.analysis.explanation.faithfulness import Faithfulness
    from sentiment_cli.analysis.explanation.record import Explanation
    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.reviews.corpus import Review


def command(
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The review; with --check not needed.")
    ] = None,
    run: Run = None,
    gradients: Annotated[
        bool, typer.Option("--gradients", help="Integrated gradients too, by torch.")
    ] = False,
    check: Annotated[
        int | None,
        typer.Option("--check", metavar="N", min=2, help="Ask N test reviews whether it is true."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data", metavar="SOURCE", help="Reviews for --check; left out, the run's own."
        ),
    ] = None,
    overrides: Set = None,
    json: Json = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write the cell, word by word, as a page."),
    ] = None,
    force: Force = False,
) -> None:
    """Show which words of a review the network kept, used and forgot.

    Each word is tinted by what it contributed: what the answer's probability loses without it. The
    curve below is the verdict had the review ended there. Kept is how much of what a word wrote
    into the state is still there at the end. With n-gram inputs, the strongest
    n-grams for and against the answer are named too.

    --check leaves the words that each method names out of N test reviews, and in alone, and says
    whether they matter more than words drawn by chance.
    """
    if text is None and check is None:
        raise UsageError("no review was given", hint='sentiment explain "the review"')
    if check is None and (data is not None or overrides):
        what = "--data names" if data is not None else "--set says how to read"
        raise UsageError(f"{what} the reviews for --check", hint="add --check 500")
    if html is not None and text is None:
        raise UsageError("--html shows one review", hint="sentiment explain TEXT --html FILE")
    if html is not None:
        require_output("--html", html, force=force)
    path = chosen_run(run)
    from sentiment_cli.runs.bundled import name_of

    predictor = loaded(path, "cpu")
    if text is not None:
        explanation = _explain(predictor, name_of(path), text, gradients, json)
        if html is not None:
            _write(html, explanation, name_of(path))
    if check is not None:
        from sentiment_cli.inference.labelled import chosen_reviews

        found = _check(
            predictor,
            chosen_reviews(path, predictor.config, data, overrides or (), tell=output.note),
            check,
            gradients=gradients,
        )
        if json:
            output.json_line({"run": name_of(path), **found.report()})
        else:
            from sentiment_cli.console.faithfulness import show_faithfulness

            show_faithfulness(found)


def _explain(predictor: Predictor, run: str, text: str, gradients: bool, json: bool) -> Explanation:
    from sentiment_cli.analysis.explanation.record import explain

    explanation = explain(predictor, text, gradients=gradients)
    if json:
        output.json_line({"run": run, **explanation.report()})
    else:
        from sentiment_cli.console.explanation import show_explanation

        show_explanation(explanation)
    return explanation


def _write(html: Path, explanation: Explanation, run: str) -> None:
    from sentiment_cli.analysis.explanation.page import explain_page
    from sentiment_cli.runs.durable import replace_file

    replace_file(html, explain_page(explanation, run))
    output.note(f"page: {html}")


def _check(
    predictor: Predictor, reviews: Iterable[Review], number: int, *, gradients: bool
) -> Faithfulness:
    from sentiment_cli.analysis.explanation.faithfulness import measure_faithfulness
    from sentiment_cli.console.progress import counting

    with counting("reviews", number) as advance:
        return measure_faithfulness(
            predictor, reviews, number, gradients=gradients, advance=advance
        )
