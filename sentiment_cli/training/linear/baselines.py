"""The linear models of an experiment: fitted on its training reviews once, judged on the others.

A network that does no better than they do has not earned its minutes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.network.linear import KINDS, LinearModel
from sentiment_cli.reviews.cache import (
    cache_folder,
    cached_stage,
    content_folder,
    is_whole,
    stage_folder,
)
from sentiment_cli.reviews.corpus import open_corpus, split_settings
from sentiment_cli.reviews.rows import Sources
from sentiment_cli.reviews.settings import run_figures, run_settings
from sentiment_cli.reviews.split import Part, split_ranks
from sentiment_cli.training.linear.fitting import Counted, fit_nb, fit_tf_idf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.corpus import Corpus
    from sentiment_cli.reviews.rows import Progress

_KEY = re.compile("[0-9a-f]{32}/linear-[0-9a-f]{16}")
_FILE = "models.safetensors"
_MAX_REVIEWS = 50_000  # more would take gigabytes, and gain little
_DRAW = 2**32  # seed that draws them; no split can have it
_FITS = {"tf_idf": fit_tf_idf, "nb_weighted": fit_nb}


@dataclass(frozen=True, slots=True)
class Baselines:
    """Linear models by name, as in `KINDS`.

    Args:
        key: Folder in the cache.
        classes: their names, in the order of the logits.
        models: fitted on the training reviews.
        validation: each one's logits of the validation reviews, in the corpus's order, (N, C).
    """

    key: str
    classes: tuple[str, ...]
    models: dict[str, LinearModel]
    validation: dict[str, NDArray[np.float64]]


def linear_baselines(
    experiment: Experiment,
    *,
    corpus: Corpus | None = None,
    sources: Sources | None = None,
    progress: Progress,
) -> Baselines:
    """Return the linear models of an experiment's reviews, from the cache or fitted now.

    If there are more than 50,000 training reviews, about as many are read. A hash of the text
    draws them.

    Args:
        experiment: All settings.
        corpus: Its reviews, if they are open.
        sources: Its sources, if they are open.
        progress: Function that is told how far the work has come.

    Raises:
        DataError: A source cannot be read, or changed meanwhile.
        EnvironmentFault: The cache cannot be written.
    """
    sources = corpus.sources if corpus else sources or Sources(experiment.data)
    folder = stage_folder(content_folder(sources.content), "linear", split_settings(experiment))

    def write(staged: Path) -> None:
        own = corpus or open_corpus(experiment, sources=sources, progress=progress)
        progress("fitting linear models to", 0, None)
        (staged / _FILE).write_bytes(_fit(own))

    cached_stage(folder, [_FILE], write, source=sources.name)
    return _load(folder)


def run_baselines(
    run: Path,
    classes: tuple[str, ...],
    *,
    own: Sequence[str] | None,
    progress: Progress,
) -> dict[str, LinearModel]:
    """Return the linear models of the reviews that a run was trained on.

    Args:
        run: Run folder.
        classes: Classes of the run.
        own: Overrides of the settings of its source, if that is read in any case: then models that
            the cache lacks are fitted again.
        progress: Function that is told how far the work has come.

    Returns:
        Nothing if the cache has none, or they have other classes.

    Raises:
        DataError: As `linear_baselines`.
    """
    key = str(run_figures(run).get("baseline_key"))
    folder = cache_folder() / key
    if _KEY.fullmatch(key) and is_whole(folder, [_FILE]):
        found = _load(folder)
    elif own is not None:
        found = linear_baselines(run_settings(run, own), progress=progress)
    else:
        return {}
    return found.models if found.classes == classes else {}


def _fit(corpus: Corpus) -> bytes:
    """Fit the models, and return them with their logits of the validation reviews."""
    rows, members = corpus.rows, corpus.members(Part.TRAINING)
    if len(members) > _MAX_REVIEWS:
        drawn = split_ranks(rows.hashes[members], _DRAW) / 2**64
        members = members[drawn < _MAX_REVIEWS / len(members)]
    counted, num_classes = Counted(corpus.keys(members)), len(corpus.labels.classes)
    models = {name: fit(counted, rows.labels[members], num_classes) for name, fit in _FITS.items()}
    held_out = corpus.members(Part.VALIDATION)
    validation = {
        name: np.concatenate([model(*batch) for batch in corpus.keys(held_out)])
        for name, model in models.items()
    }
    return _dump(Baselines("", corpus.labels.classes, models, validation))


def _dump(baselines: Baselines) -> bytes:
    from safetensors.numpy import save

    arrays = {
        f"{name}.{part}": np.ascontiguousarray(array)
        for name, model in baselines.models.items()
        for part, array in (
            model.tensors()
            | {"validation": baselines.validation[name], "converged": np.array(model.converged)}
        ).items()
    }
    classes = json.dumps(baselines.classes).encode()
    return save(arrays | {"classes": np.frombuffer(classes, np.uint8)})


def _load(folder: Path) -> Baselines:
    """Read what `_dump` wrote into a folder of the cache."""
    from safetensors.numpy import load

    key = "/".join(folder.parts[-2:])
    arrays = load((folder / _FILE).read_bytes())
    validation = {name: arrays.pop(f"{name}.validation") for name in KINDS}
    models = {
        name: LinearModel(
            **{part: arrays[f"{name}.{part}"] for part in ("keys", "scale", "weight", "bias")},
            kind=kind,
            converged=bool(arrays[f"{name}.converged"]),
        )
        for name, kind in KINDS.items()
    }
    return Baselines(key, tuple(json.loads(arrays["classes"].tobytes())), models, validation)
