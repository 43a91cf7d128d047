"""The weights of a saved run as a training's first ones: `model.init`.

Howard and Ruder, Universal Language Model Fine-tuning for Text Classification, ACL 2018: what a
network has learned from many reviews is a better start on few than weights drawn at random.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from sentiment_cli.inference.predictor import Predictor, encodable
from sentiment_cli.reviews.corpus import changed, chunks, open_corpus
from sentiment_cli.reviews.split import Part
from sentiment_cli.reviews.start import read_start
from sentiment_cli.runs.bundled import run_folder
from sentiment_cli.runs.checkpoints import newest_checkpoint

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.prepare import Prepared, Progress
    from sentiment_cli.runs.saved import Saved

_CHUNK = 4096  # reviews whose texts are in memory at once
_TOKENIZER = "tokenizer.json"
_HEAD = ("head.weight", "head.bias")


class Beginning(NamedTuple):
    """What a training takes from a saved run.

    Args:
        tokenizer: content of its `tokenizer.json`; None without `model.init`.
        saved: all of it; None too where a checkpoint holds what came of it.
    """

    tokenizer: bytes | None = None
    saved: Saved | None = None


def beginning(experiment: Experiment, run: Path | None = None) -> Beginning:
    """Return what an experiment begins with.

    Args:
        experiment: all settings.
        run: folder of the run that goes on; one with a checkpoint no longer needs its start.

    Raises:
        ModelError: the saved run is none, or not as it was written; or no checkpoint is whole.
    """
    if experiment.model.init is None:
        return Beginning()
    own = None if run is None else newest_checkpoint(run, [_TOKENIZER])
    if own is not None:
        return Beginning(own.files[_TOKENIZER])
    saved = read_start(experiment)
    assert saved is not None
    return Beginning(saved.tokenizer, saved)


def as_it_is(
    first: Beginning,
    experiment: Experiment,
    prepared: Prepared,
    *,
    device: DeviceChoice,
    progress: Progress,
) -> float | None:
    """Return the accuracy that a start has on the validation reviews before anything teaches it.

    Args:
        first: what the training begins with.
        experiment: all settings.
        prepared: the reviews as tokens.
        device: that computes.
        progress: is told how far it has come.

    Returns:
        None where nothing is begun with, or it answers with other classes.

    Raises:
        ModelError: the start is not as it was written.
        DataError: the reviews cannot be read, or changed meanwhile.
    """
    init = experiment.model.init
    if first.saved is None or init is None:
        return None
    if set(first.saved.config.classes) != set(prepared.classes):
        return None
    columns = [first.saved.config.classes.index(name) for name in prepared.classes]
    predictor = Predictor.load(run_folder(init), device=device)
    corpus = open_corpus(experiment.data, seed=experiment.split_seed)
    total = len(prepared.validation)
    right = done = 0
    for chunk in chunks(corpus.reviews(Part.VALIDATION), _CHUNK):
        read = predictor.read([encodable(review.text) for review in chunk])
        answers = predictor.probabilities(read)[:, columns].argmax(axis=1)  # (n,)
        right += int((answers == [review.label for review in chunk]).sum())
        done += len(chunk)
        progress("letting the start judge", done, total)
    if done != total:
        raise changed(corpus.name)
    return right / total


@torch.no_grad()
def begin_with_run(model: Classifier, saved: Saved | None, classes: tuple[str, ...]) -> None:
    """Give a network the weights of a saved run.

    Args:
        model: of the same shape, but for its classes.
        saved: None leaves the network as it is.
        classes: those of `model`, in order; where the saved run has others, the head keeps its
            draw.
    """
    if saved is None:
        return
    own = saved.config.classes
    rows = [own.index(name) for name in classes] if set(own) == set(classes) else None
    for name, array in saved.weights.items():
        if name not in _HEAD:
            model.get_parameter(name).copy_(torch.tensor(array))
        elif rows is not None:
            model.get_parameter(name).copy_(torch.tensor(array[rows]))
