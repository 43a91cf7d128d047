"""`sentiment predict --file`: a whole source, scored here or by many."""

from __future__ import annotations

import shlex
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_cli.commands.options import require_output
from sentiment_cli.console import output
from sentiment_cli.console.answers import show_notes, show_skipped
from sentiment_cli.errors import UsageError

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from sentiment_cli.config.schema import DataConfig
    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.network.device import DeviceChoice


def checked(
    texts: list[str] | None,
    json: bool,
    file: str | None,
    out: Path | None,
    *,
    by_ray: bool,
    address: str | None,
    force: bool,
) -> tuple[str, Path]:
    """Return what is scored and where the answers go, if all that was given goes together.

    Raises:
        UsageError: it does not.
        EnvironmentFault: it takes Ray, which is not installed.
    """
    given, into = shlex.quote(file or "SOURCE"), shlex.quote(str(out or "scored"))
    shown = f"sentiment predict --file {given} --out {into if out else 'scored.csv'}"
    if by_ray:
        shown = f"sentiment predict --engine ray --file {given} --out {into}/"
    elif address:
        raise UsageError(
            "--address is that of a Ray cluster",
            hint=f"{shown} --engine ray --address {shlex.quote(address)}",
        )
    if file is None or out is None:
        raise UsageError("--file, --out and what goes with them belong together", hint=shown)
    if texts:
        raise UsageError("--file takes the place of reviews on the command line", hint=shown)
    if json:
        lines = shlex.quote(str(out.with_suffix(".jsonl")))
        raise UsageError(
            "--json is for answers on the screen; a table is of the kind that --out ends in",
            hint=f"sentiment predict --file {given} --out {lines}",
        )
    if by_ray:
        from sentiment_cli.inference.cluster import require_ray

        if force:
            raise UsageError(
                "--force replaces a file, and --engine ray writes a folder",
                hint=shown,
            )
        require_ray()
        return file, out
    from sentiment_cli.inference.tables import require_table

    require_table(out)
    require_output("--out", out, force=force, sources=[file])
    return file, out


def reading_of(run: Path, overrides: Sequence[str]) -> DataConfig:
    """Return how a source is read: as the run says, but for what is given by `--set`.

    Raises:
        ModelError: the run's settings are not as they were written.
        UsageError: an override is wrong, or does not say how a file is read.
    """
    from sentiment_cli.config.reading import reading_settings
    from sentiment_cli.reviews.settings import run_settings

    given = reading_settings(overrides).model_dump(exclude_unset=True)
    return run_settings(run).data.model_copy(update=given)


def score_here(
    data: DataConfig, predictor: Predictor, file: str, out: Path, text: str | None
) -> None:
    """Score a source in this process, into one table."""
    from sentiment_cli.console.progress import counting
    from sentiment_cli.inference.columns import text_column
    from sentiment_cli.inference.scoring import score_file
    from sentiment_cli.reviews.sources import ReadOptions, open_source

    with counting("reviews") as advance:
        source = open_source(file, base=Path.cwd(), options=ReadOptions.of(data))
        column, reason = text_column(source, text, text=data.text_column, label=data.label_column)
        _show_column(source.name, column, reason)
        labels = score_file(
            predictor, source, column, out, formula_guard=data.formula_guard, advance=advance
        )
    _show(out, labels, column)
    show_notes(source.notes)
    show_skipped(source.skipped)


def score_by_ray(
    data: DataConfig,
    predictor: Predictor,
    file: str,
    out: Path,
    text: str | None,
    *,
    device: DeviceChoice | None,
    address: str | None,
) -> None:
    """Score the files of a source by Ray, into a folder of shards."""
    from sentiment_cli.console.progress import counting
    from sentiment_cli.inference.cluster import summed
    from sentiment_cli.inference.sharded import sharded

    done = []
    with (
        sharded(predictor, file, out.resolve(), text, data) as work,
        counting("shards", work.total) as advance,
        redirect_stdout(sys.stderr),  # on which Ray tells of workers that died
    ):
        _show_column(file, work.column, work.reason)
        if work.there:
            output.note(f"{out}: {work.there:,} of {work.total:,} shards are there already")
        advance(work.there)
        for shard in work.score(device=device, address=address):
            done.append(shard)
            advance(1)
    if done:
        total = summed(done, data.on_bad_rows, there=work.there)
        _show(out, total.labels, work.column)
        show_notes([*work.notes, *total.skipped.notes()])
        show_skipped(total.skipped)


def _show_column(name: str, column: str, reason: str | None) -> None:
    if reason is not None:
        output.note(f"text column of {name}: {column!r} ({reason})")


def _show(out: Path, labels: Counter[str], column: str) -> None:
    counts = ", ".join(f"{output.one_line(name)} {count:,}" for name, count in labels.most_common())
    output.note(f"{out}: {labels.total():,} reviews of the column {column!r}: {counts}")
