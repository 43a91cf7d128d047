"""`sentiment eval`: the test reviews are opened."""

from __future__ import annotations

from typing import Annotated

import typer

from sentiment_cli.commands.looks import tell_looks
from sentiment_cli.commands.options import Device, Json, Run, Set, chosen_run, loaded
from sentiment_cli.console import output

_COLUMNS = {"data.text_column": "--text-column", "data.label_column": "--label-column"}


def command(
    run: Run = None,
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="SOURCE", help="Labelled reviews; left out, the run's own."),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text-column", metavar="COLUMN", help="Column of the review.")
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label-column", metavar="COLUMN", help="Column of the label.")
    ] = None,
    overrides: Set = None,
    device: Device = None,
    json: Json = False,
) -> None:
    """Measure a run on reviews that it never saw.

    Without --data these are the run's own test reviews, which training left untouched; for the
    bundled model, the cereal reviews that travel with it.
    """
    path = chosen_run(run)
    from sentiment_cli.config.writer import written
    from sentiment_cli.console.evaluation import show_evaluation
    from sentiment_cli.console.progress import counting
    from sentiment_cli.inference.evaluation import evaluate
    from sentiment_cli.inference.labelled import Unseen, chosen_reviews
    from sentiment_cli.reviews.split import set_hash
    from sentiment_cli.runs.bundled import is_bundled, name_of
    from sentiment_cli.runs.saved import read_hashes
    from sentiment_cli.training.linear.baselines import run_baselines

    predictor = loaded(path, device)
    changes = list(overrides or ())
    changes += [] if text is None else [f"data.text_column={written(text)}"]
    changes += [] if label is None else [f"data.label_column={written(label)}"]
    reviews = Unseen(
        chosen_reviews(path, predictor.config, data, changes, tell=output.note, options=_COLUMNS),
        read_hashes(path),
    )
    baselines = run_baselines(
        path,
        predictor.config.classes,
        own=None if data is not None or is_bundled(path) else changes,
        progress=lambda stage, *_: output.note(f"{stage} the reviews"),
    )
    if not baselines:
        output.note("no linear model stands beside it: none of its training reviews is kept here")
    with counting("reviews") as advance:
        evaluation = evaluate(predictor, reviews, baselines=baselines, advance=advance)
    if reviews.seen:
        output.note(
            f"{name_of(path)} was trained on {reviews.seen:,} of {reviews.total:,} reviews; the "
            "figures are of the others"
        )
    tell_looks(set_hash(evaluation.hashes), [name_of(path)])
    if json:
        output.json_line({"run": name_of(path), "trained_on": reviews.seen, **evaluation.report()})
    else:
        show_evaluation(evaluation)
