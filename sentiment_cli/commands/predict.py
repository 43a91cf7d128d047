"""`sentiment predict`: is this review good or bad?"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from sentiment_cli.commands.options import Device, Json, Run, chosen_run
from sentiment_cli.console import output
from sentiment_cli.errors import UsageError

if TYPE_CHECKING:
    from sentiment_cli.inference.predictor import Prediction


def command(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT]...", help="Reviews; `-` reads them from stdin."),
    ] = None,
    run: Run = None,
    json: Json = False,
    device: Device = None,
) -> None:
    """Say of each review which class it is, and how probably.

    `-` reads from stdin: a review a line, or JSON lines with a `text` field (the first line
    decides). Each answer is written as soon as it is known, one line a review, in order.
    """
    if not texts:
        raise UsageError("no review was given", hint='sentiment predict "the review"')
    if "-" in texts and len(texts) > 1:
        raise UsageError("`-` stands alone: it reads every review from stdin")
    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.inference.stream import batches, texts_of_lines

    path = chosen_run(run)
    predictor = Predictor.load(path, device=device)
    if predictor.step is not None:
        output.note(f"{path} is not finished: its checkpoint of step {predictor.step} answers")
    show = _show_json if json else _show_line
    if texts != ["-"]:
        show(texts, predictor(texts))
        return
    for batch in batches(texts_of_lines(sys.stdin.buffer)):
        show(batch, predictor(batch))
        output.flush()


def _show_json(texts: list[str], predictions: list[Prediction]) -> None:
    for text, prediction in zip(texts, predictions, strict=True):
        output.json_line({"text": text, **asdict(prediction), "flags": list(prediction.flags)})


def _show_line(texts: list[str], predictions: list[Prediction]) -> None:
    on_terminal = sys.stdout.isatty()
    for text, prediction in zip(texts, predictions, strict=True):
        flags = f" ({', '.join(prediction.flags)})" if prediction.flags else ""
        answer = f"{output.one_line(prediction.label)}\t{prediction.probability:.4f}{flags}"
        if on_terminal:
            answer = f"{output.one_line(prediction.label)}  {prediction.probability:.3f}{flags}  "
            answer += output.one_line(text, max(20, output.width() - len(answer)))
        output.result(answer)
