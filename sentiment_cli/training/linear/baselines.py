"""The linear models of an experiment: fitted on its training reviews once, judged on the others.

A network that does no better than they do has not earned its minutes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.network.linear import KINDS, LinearModel
from sentiment_cli.reviews.corpus import changed, chunks, fingerprint, open_corpus, read_sources
from sentiment_cli.reviews.kept import keep, kept
from sentiment_cli.reviews.prepare import cache_folder
from sentiment_cli.reviews.settings import run_figures, run_settings
from sentiment_cli.reviews.split import Part, rank
from sentiment_cli.reviews.tokenizer import plain_words, tokenizer_rules
from sentiment_cli.training.linear.fitting import Counted, fit_nb, fit_tf_idf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.corpus import Corpus
    from sentiment_cli.reviews.prepare import Progress

_KEY = re.compile("[0-9a-f]{32}")
_FORMAT = 5  # raised whenever the models change, so that no older ones are read
_MOST = 50_000  # training reviews that are read: more would take gigabytes, and teach little more
_DRAW = 2**32  # seed of the hash that draws them, which no split can have
_CHUNK = 4096  # reviews whose words are in memory at once
_FITS = {"tf_idf": fit_tf_idf, "nb_weighted": fit_nb}


@dataclass(frozen=True, slots=True)
class Baselines:
    """Linear models by name, as in `KINDS`.

    Args:
        key: under which they are kept.
        classes: their names, in the order of the logits.
        models: fitted on the training reviews.
        validation: each one's logits of the validation reviews, in the corpus's order, (N, C).
    """

    key: str
    classes: tuple[str, ...]
    models: dict[str, LinearModel]
    validation: dict[str, NDArray[np.float64]]

    def accuracies(self, labels: NDArray[np.int64]) -> dict[str, float]:
        """Return each one's accuracy on the validation reviews, whose classes are given, (N,)."""
        return {
            name: float((logits.argmax(axis=1) == labels).mean())
            for name, logits in self.validation.items()
        }


def linear_baselines(experiment: Experiment, *, progress: Progress) -> Baselines:
    """Return the linear models of an experiment's reviews, kept from the last time or fitted now.

    Of more than 50,000 training reviews, about so many are read, drawn by a hash of their text.

    Args:
        experiment: all settings.
        progress: is told how far it has come.

    Raises:
        DataError: the source cannot be read, or changed meanwhile.
    """
    content = fingerprint(read_sources(experiment.data))
    key = _key(experiment, content)
    found = _kept_baselines(key)
    if found is None:
        progress("fitting linear models to", 0, None)
        found = _fit(experiment, content, key)
        keep(_path(key), _dump(found))
    return found


def run_baselines(
    run: Path,
    classes: tuple[str, ...],
    *,
    own: Sequence[str] | None,
    progress: Progress,
) -> dict[str, LinearModel]:
    """Return the linear models of the reviews that taught a run, as its training left them.

    Args:
        run: its folder.
        classes: those of the run.
        own: how its own source is read, as `--set` says it, if it is read in any case: then what
            is not kept is fitted anew.
        progress: is told how far that has come.

    Returns:
        Nothing where none is kept, or they are of other classes.

    Raises:
        DataError: as `linear_baselines`.
    """
    found = _kept_baselines(str(run_figures(run).get("baseline_key")))
    if found is None and own is not None:
        found = linear_baselines(run_settings(run, own), progress=progress)
    return {} if found is None or found.classes != classes else found.models


def _kept_baselines(key: str) -> Baselines | None:
    """Return the linear models that are kept under `key`, if they are; no review is read."""
    content = kept(_path(key)) if _KEY.fullmatch(key) else None
    return None if content is None else _load(content, key)


def _path(key: str) -> Path:
    return cache_folder() / "linear" / key


def _fit(experiment: Experiment, content: str, key: str) -> Baselines:
    corpus = open_corpus(experiment.data, seed=experiment.split_seed)
    num_classes = len(corpus.labels.classes)
    counted, targets = _count_training(corpus)
    models = {name: fit(counted, targets, num_classes) for name, fit in _FITS.items()}
    judged = _on_validation(corpus, models)
    if fingerprint(read_sources(experiment.data)) != content:
        raise changed(corpus.name)
    return Baselines(key, corpus.labels.classes, models, judged)


def _count_training(corpus: Corpus) -> tuple[Counted, NDArray[np.int64]]:
    """Return the n-grams of the training reviews, or of about 50,000 of them, and their classes.

    Those are drawn by a hash of their text.
    """
    share = _MOST / sum(corpus.counts(Part.TRAINING))
    labels: list[int] = []

    def words() -> Iterator[list[str]]:
        for review in corpus.reviews(Part.TRAINING):
            if share >= 1 or rank(review.text, _DRAW) < share * 2**64:
                labels.append(review.label)
                yield plain_words(review.text)

    counted = Counted.of(words())
    return counted, np.array(labels)


def _on_validation(
    corpus: Corpus, models: Mapping[str, LinearModel]
) -> dict[str, NDArray[np.float64]]:
    """Return each model's logits of the validation reviews, in the corpus's order, (N, C)."""
    logits: dict[str, list[NDArray[np.float64]]] = {name: [] for name in models}
    for chunk in chunks(corpus.reviews(Part.VALIDATION), _CHUNK):
        read = [plain_words(review.text) for review in chunk]
        for name, model in models.items():
            logits[name].append(model(read))  # (n, C)
    return {name: np.concatenate(found) for name, found in logits.items()}


def _key(experiment: Experiment, content: str) -> str:
    data = experiment.data.model_dump(
        exclude={"source", "validation", "test", "unlabelled", "formula_guard", "split_seed"}
    )
    given = (experiment.data.validation is not None, experiment.data.test is not None)
    rules = tokenizer_rules("word", lowercase=True)
    settings = [_FORMAT, content, data, given, experiment.split_seed, rules]
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:32]


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


def _load(content: bytes, key: str) -> Baselines:
    """Read what `_dump` wrote."""
    from safetensors.numpy import load

    arrays = load(content)
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
