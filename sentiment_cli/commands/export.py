"""`sentiment export`: a run for programs that do without this one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sentiment_cli.commands.options import Force, Json, Run, chosen_run, loaded, require_output
from sentiment_cli.console import output

_ENDINGS = (".ngrams.safetensors", ".labels.json", ".tokenizer.json")


def command(
    onnx: Annotated[Path, typer.Option("--onnx", metavar="FILE", help="ONNX file to write.")],
    run: Run = None,
    json: Json = False,
    force: Force = False,
) -> None:
    """Write a run as an ONNX file, which onnxruntime and others read without torch.

    Its inputs are token ids (N, L), n-gram inputs (N, L, F) and lengths (N,). Its output is the
    calibrated probabilities (N, C). FILE.labels.json, FILE.tokenizer.json and
    FILE.ngrams.safetensors say how a review becomes inputs; docs/python.md shows it in code.

    First onnxruntime predicts the cereal reviews. If a probability differs from the run's by more
    than 1e-5, nothing is written.
    """
    require_output("--onnx", onnx, force=force)
    beside = [onnx.with_suffix(ending) for ending in _ENDINGS]
    for file in beside:
        require_output("--onnx", file, force=force)
    from sentiment_cli.inference.export import export, require_onnx

    require_onnx()
    path = chosen_run(run)
    from sentiment_cli.runs.bundled import name_of
    from sentiment_cli.runs.durable import replace_file

    predictor = loaded(path, None)
    made = export(predictor)
    ngrams, labels, tokenizer = beside
    files = {labels: made.labels, tokenizer: made.tokenizer, onnx: made.model}
    if made.ngrams is not None:
        files = {ngrams: made.ngrams, **files}
    for file, content in files.items():
        replace_file(file, content)
    output.note(
        f"onnxruntime answers {made.reviews} cereal reviews as the run does: a probability differs "
        f"by {made.difference:.1g} at most"
    )
    if json:
        checked = {"reviews": made.reviews, "difference": made.difference}
        output.json_line({"run": name_of(path), "files": list(map(str, files)), **checked})
    else:
        for file in files:
            output.result(str(file))
