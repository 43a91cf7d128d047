"""Self-training: a trained run, the teacher, says what reviews without labels are to teach.

Each of them gets the teacher's calibrated probabilities as its label, and none is rounded to the
likelier class: Xie et al., Self-training with Noisy Student improves ImageNet classification,
CVPR 2020, section 2, with soft labels. The noise under which the student must answer as the teacher
does without it are the dropouts, and the move of an adversarial objective.
"""

from __future__ import annotations

import json
import shlex
from hashlib import sha256
from os.path import normpath
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.errors import ModelError, UsageError
from sentiment_cli.inference.predictor import Predictor, encodable
from sentiment_cli.reviews.corpus import changed, chunks, fingerprint, open_corpus
from sentiment_cli.reviews.held_out import require_same_split
from sentiment_cli.reviews.kept import keep, kept
from sentiment_cli.reviews.prepare import all_sources, cache_folder
from sentiment_cli.reviews.settings import run_settings
from sentiment_cli.reviews.unlabelled import Unlabelled, unlabelled_source
from sentiment_cli.runs.bundled import run_folder
from sentiment_cli.runs.manifest import MANIFEST
from sentiment_cli.training.joined import Joined, Reviews

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.dataset import TokenDataset
    from sentiment_cli.reviews.prepare import Prepared, Progress

_FORMAT = 1  # raised whenever the way from text to soft label changes
_CHUNK = 4096  # reviews whose texts are in memory at once


class Taught(Joined):
    """Labelled reviews, and behind them those that the teacher has labelled.

    Args:
        labelled: N reviews.
        unlabelled: M reviews.
        soft: how probable each class is for each of the latter, (M, C).
    """

    def __init__(
        self, labelled: TokenDataset, unlabelled: TokenDataset, soft: NDArray[np.float32]
    ) -> None:
        super().__init__([labelled, unlabelled])
        certain = np.eye(soft.shape[1], dtype=np.float32)[labelled.labels]  # (N, C)
        self.labels = np.concatenate([certain, soft])
        """How probable each class is for each review, (N + M, C)."""


def open_teacher(experiment: Experiment) -> Predictor | None:
    """Load the run that `training.teacher` names; None where it names none.

    Raises:
        ModelError: there is no such run, or it is damaged or not finished.
        UsageError: there is nothing for it to label, or reviews that steer or test here taught it.
    """
    named = experiment.training.teacher
    if named is None:
        return None
    if experiment.data.unlabelled is None:
        raise UsageError(
            "training.teacher: it labels the reviews of data.unlabelled, which names none",
            hint="name some with --set data.unlabelled=SOURCE, or do without a teacher with "
            "--set training.teacher=null",
        )
    folder = run_folder(named)
    if not folder.exists():
        raise ModelError(
            f"training.teacher: there is no run folder {normpath(folder)}",
            hint="train it first, or put it back; a new training may name another run with "
            "--set training.teacher=DIR",
        )
    try:
        teacher = Predictor.load(folder)
    except ModelError as fault:
        raise ModelError(f"training.teacher: {fault.what}", hint=fault.hint) from fault
    if teacher.step is not None:
        raise ModelError(
            f"training.teacher: {named} is not finished",
            hint=f"sentiment train --resume {shlex.quote(named)}",
        )
    require_same_split(experiment, run_settings(folder), named=f"training.teacher: {named}")
    return teacher


def teacher_hash(experiment: Experiment) -> str | None:
    """Return a hash of the run that `training.teacher` names; None where it names none.

    Raises:
        SentimentError: as `open_teacher`.
    """
    named = experiment.training.teacher
    if named is None:
        return None
    manifest = run_folder(named) / MANIFEST
    if not manifest.is_file():
        open_teacher(experiment)  # which says what is amiss
    return sha256(manifest.read_bytes()).hexdigest()


def teaching(experiment: Experiment, prepared: Prepared, *, progress: Progress) -> Reviews:
    """Return the reviews that teach: the labelled ones, and with a teacher the unlabelled ones too.

    Raises:
        SentimentError: as `open_teacher`.
        UsageError: the teacher knows other classes.
        DataError: the reviews cannot be read, or changed meanwhile.
    """
    teacher = open_teacher(experiment)
    if teacher is None or prepared.unlabelled is None:
        return prepared.training
    if set(teacher.config.classes) != set(prepared.classes):
        raise UsageError(
            f"training.teacher: {experiment.training.teacher} answers with "
            f"{', '.join(teacher.config.classes)}, and the reviews are "
            f"{', '.join(prepared.classes)}",
            hint="name a run with the same classes, or give the classes the same names with "
            "data.labels",
        )
    path = cache_folder() / "taught" / _key(experiment, prepared)
    shape = (len(prepared.unlabelled), len(prepared.classes))
    content = kept(path)
    if content is None:
        soft = _judged(experiment, prepared, teacher, progress)
        keep(path, soft.tobytes())
    else:
        soft = np.frombuffer(content, dtype=np.float32).reshape(shape)
    return Taught(prepared.training, prepared.unlabelled, soft)


def _key(experiment: Experiment, prepared: Prepared) -> str:
    made_by = [_FORMAT, teacher_hash(experiment), prepared.cache.name, prepared.classes]
    return sha256(json.dumps(made_by).encode()).hexdigest()[:32]


def _judged(
    experiment: Experiment, prepared: Prepared, teacher: Predictor, progress: Progress
) -> NDArray[np.float32]:
    """Return the teacher's probabilities of each unlabelled review, in their order, (M, C)."""
    source = unlabelled_source(experiment.data)
    assert source is not None
    assert prepared.unlabelled is not None
    total = len(prepared.unlabelled)
    corpus = open_corpus(experiment.data, seed=experiment.split_seed)
    reviews = Unlabelled(source, corpus, text=experiment.data.text).reviews()
    columns = [teacher.config.classes.index(name) for name in prepared.classes]
    judged: list[NDArray[np.float32]] = []
    done = 0
    for chunk in chunks(reviews, _CHUNK):
        read = teacher.read([encodable(review.text) for review in chunk])
        judged.append(teacher.probabilities(read)[:, columns].astype(np.float32))  # (n, C)
        done += len(chunk)
        progress("letting the teacher judge", done, total)
    if done != total or fingerprint(all_sources(experiment.data)) != prepared.fingerprint:
        raise changed(source.name)
    return np.concatenate(judged)
