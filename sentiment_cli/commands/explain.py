"""`sentiment explain`: what the network remembered of a review, and what it forgot."""

from __future__ import annotations

from typing import Annotated

import typer

from sentiment_cli.commands.options import Json, Run, chosen_run
from sentiment_cli.console import output


def command(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The review.")],
    run: Run = None,
    json: Json = False,
) -> None:
    """Show which words of a review the network kept, used and forgot.

    Each word is tinted by what it contributed: what the answer's probability loses without it. The
    curve below is the verdict had the review ended there. Kept is how much of what a word wrote
    into the state is still there at the end.
    """
    path = chosen_run(run)
    from sentiment_cli.analysis.explanation import explain
    from sentiment_cli.inference.predictor import Predictor

    explanation = explain(Predictor.load(path, device="cpu"), text)
    if json:
        output.json_line({"run": str(path), **explanation.report()})
    else:
        from sentiment_cli.console.explanation import show_explanation

        show_explanation(explanation)
