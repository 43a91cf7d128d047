"""Who is compared with whom: the experiments, each with its seeds, on the same reviews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentiment_cli.errors import UsageError
from sentiment_cli.reviews.start import read_start, settled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.config.reader import Loaded
    from sentiment_cli.config.schema import DataConfig, Experiment

_APART = {"formula_guard"}  # settings of the reviews that do not matter here


@dataclass(frozen=True, slots=True)
class Contestant:
    """An experiment that is compared, under a name of its own."""

    name: str
    experiment: Experiment

    def with_seed(self, number: int) -> Experiment:
        """Return the experiment with its `number`-th seed from its own on, on the same split."""
        own = self.experiment
        data = own.data.model_copy(update={"split_seed": own.split_seed})
        return own.model_copy(update={"seed": (own.seed + number) % 2**32, "data": data})


def contestants(files: Sequence[Sequence[Loaded]]) -> list[Contestant]:
    """Return the experiments of some files as contestants.

    Where there are several files, what a sweep calls `gru` is called `guide: gru`.

    Args:
        files: the experiments that each file describes.

    Raises:
        UsageError: two are the same experiment, or read different reviews, or one has a setting
            that the run it begins with does not allow.
        ModelError: that run is none, or not as it was written.
    """
    found: list[Contestant] = []
    for loaded in (one for file in files for one in file):
        swept = len(files) > 1 and loaded.name != loaded.path.stem
        experiment = settled(loaded.experiment, read_start(loaded.experiment))
        name = _free(f"{loaded.path.stem}: {loaded.name}" if swept else loaded.name, found)
        for other in found:
            _require_comparable(other, Contestant(name, experiment))
        found.append(Contestant(name, experiment))
    return found


def _free(name: str, taken: Sequence[Contestant]) -> str:
    names = {contestant.name for contestant in taken}
    number, free = 1, name
    while free in names:
        number += 1
        free = f"{name}-{number}"
    return free


def _require_comparable(a: Contestant, b: Contestant) -> None:
    if a.experiment == b.experiment:
        raise UsageError(
            f"{a.name} and {b.name} are the same experiment",
            hint="change a setting in one of them; seeds are said by --seeds N",
        )
    ours, theirs = _reviews(a.experiment.data), _reviews(b.experiment.data)
    for key, value in ours.items():
        if value != theirs[key]:
            raise UsageError(
                f"{a.name} and {b.name} read different reviews: data.{key} is {value!r} and "
                f"{theirs[key]!r}",
                hint=f"give both the same, for example with --set data.{key}=...",
            )
    if a.experiment.split_seed != b.experiment.split_seed:
        raise UsageError(
            f"{a.name} and {b.name} split the reviews differently: "
            f"seed {a.experiment.split_seed} and {b.experiment.split_seed}",
            hint="give both the same with --set data.split_seed=0",
        )


def _reviews(data: DataConfig) -> dict[str, object]:
    return data.model_dump(exclude=_APART | {"split_seed"})
