"""The linear half of a blend."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from safetensors.numpy import load, save

from sentiment_cli.network.linear import NB, LinearModel
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.reviews.corpus import changed, fingerprint, open_corpus
from sentiment_cli.reviews.kept import keep, kept
from sentiment_cli.reviews.prepare import all_sources, cache_folder
from sentiment_cli.runs.prediction_config import Blend
from sentiment_cli.training.calibration import Pool
from sentiment_cli.training.linear.adaptation import adapt, in_order
from sentiment_cli.training.linear.baselines import count_training, on_validation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.prepare import Prepared, Progress
    from sentiment_cli.training.init import Beginning
    from sentiment_cli.training.linear.baselines import Baselines

_FORMAT = 1  # raised whenever the fit changes, so that no older one is read


class LinearHalf(NamedTuple):
    """The NB-weighted model that answers beside a network.

    Args:
        model: the linear model.
        validation: its logits of the validation reviews, in the corpus's order, (N, C).
        begun: how the blend that it began with pools its halves; None for one of these reviews
            alone.
    """

    model: LinearModel
    validation: NDArray[np.float64]
    begun: Pool | None

    def blend(self, weight: float) -> Blend:
        """Return the part of config.json that tells of it."""
        return Blend(ngrams=len(self.model.keys), weight=weight)

    def to_bytes(self) -> bytes:
        """Return the content of `linear.safetensors`."""
        return dump_weights(self.model.tensors())


def linear_half(
    experiment: Experiment,
    prepared: Prepared,
    baselines: Baselines,
    first: Beginning,
    *,
    progress: Progress,
) -> LinearHalf | None:
    """Return the linear model that is to answer too; None where none is asked for.

    It is the one of `baselines`; where the run that all begins with is a blend of the same classes,
    that one's, adapted to the training reviews, and kept for the next time.

    Raises:
        DataError: the reviews cannot be read, or changed meanwhile.
    """
    if not experiment.model.linear:
        return None
    own = baselines.models["nb_weighted"]
    saved = first.saved or first.own
    same = saved is not None and set(saved.config.classes) == set(prepared.classes)
    if saved is None or saved.linear is None or saved.config.blend is None or not same:
        return LinearHalf(own, baselines.validation["nb_weighted"], None)
    pool = Pool(saved.config.temperature, saved.config.blend.weight)
    start = in_order(saved.linear, saved.config.classes, prepared.classes)
    path = cache_folder() / "adapted" / _key(start, baselines, done=first.saved is None)
    content = kept(path)
    if content is not None:
        return _load(content, pool)
    progress("bringing a linear model to", 0, None)
    corpus = open_corpus(experiment.data, seed=experiment.split_seed)
    model = start if first.saved is None else adapt(start, own, *count_training(corpus))
    judged = on_validation(corpus, {"half": model})["half"]
    if fingerprint(all_sources(experiment.data)) != prepared.fingerprint:
        raise changed(corpus.name)
    keep(path, save({**model.tensors(), "validation": judged}))
    return LinearHalf(model, judged, pool)


def _key(start: LinearModel, baselines: Baselines, *, done: bool) -> str:
    made_by = sha256(json.dumps([_FORMAT, baselines.key, done]).encode())
    made_by.update(dump_weights(start.tensors()))
    return made_by.hexdigest()[:32]


def _load(content: bytes, pool: Pool) -> LinearHalf:
    arrays = load(content)
    validation = arrays.pop("validation")
    return LinearHalf(LinearModel(**arrays, kind=NB), validation, pool)
