"""The runs of comparisons, kept in one folder and found again by what made them.

runs/compare/
  gru-seed0-5f0c...      a run folder, as `train` makes it, with test.safetensors in it
  baselines-91ab...      what they are compared with: majority and linear, each .safetensors
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment_cli.config.paths import VECTORS
from sentiment_cli.reviews.cache import code_version
from sentiment_cli.reviews.rows import Sources
from sentiment_cli.reviews.sources.files import File
from sentiment_cli.reviews.start import start_hash
from sentiment_cli.runs.durable import environment_faults

if TYPE_CHECKING:
    from sentiment_cli.config.schema import Experiment

_KEY = 16  # hexadecimal digits of a hash in a folder's name
_MAKERS = ("network", "reviews", "training", "inference", "metrics.py")
"""What the weights and the answers of a run come from, in the package."""

_MADE_BY = {"tokenizer", "model", "training", "seed", "device"}
_ELSEWHERE = {"source", "validation", "test", "unlabelled", "formula_guard", "split_seed"}
_NO_NAME = re.compile(r"[^A-Za-z0-9_.]+")


class Store:
    """The folder in which comparisons keep their runs.

    Args:
        folder: need not be there yet.
        content: hash of the reviews that all its runs of now are made of.
    """

    def __init__(self, folder: Path, content: str) -> None:
        self.folder = folder
        self._content = content
        self._code = code_version(_MAKERS)

    def run(self, name: str, experiment: Experiment) -> Path:
        """Return the folder of a run: the one that the same things made, else a new place."""
        key = self._key(_made_by(experiment))
        return self._found(key, f"{_slug(name)}-seed{experiment.seed}")

    def study(self, name: str, experiment: Experiment, space: Any) -> Path:
        """Return the folder of a search around an experiment, in a space of plain values."""
        key = self._key({**_made_by(experiment), "space": space})
        return self._found(key, _slug(name))

    def baselines(self, experiment: Experiment) -> Path:
        """Return the folder of what knows nothing but the split."""
        return self._found(self._key(_split(experiment)), "baselines")

    def _key(self, settings: dict[str, Any]) -> str:
        made_by = [self._code, self._content, settings]
        return sha256(json.dumps(made_by, sort_keys=True).encode()).hexdigest()[:_KEY]

    def _found(self, key: str, name: str) -> Path:
        with environment_faults("read", self.folder):
            kept = sorted(self.folder.glob(f"*-{key}")) if self.folder.is_dir() else []
        return kept[0] if kept else self.folder / f"{name}-{key}"


def content_of(experiment: Experiment) -> str:
    """Return a hash of all that an experiment's sources hold.

    Raises:
        DataError: a source is missing, damaged, or lacks a column.
    """
    return Sources(experiment.data).content


def _made_by(experiment: Experiment) -> dict[str, Any]:
    """What makes a run, beside its reviews: settings, and what the files of its start hold."""
    settings = experiment.model_dump(include=_MADE_BY) | _split(experiment)
    vectors = experiment.model.vectors
    if vectors is not None and vectors not in VECTORS:
        settings["vectors"] = File(Path(vectors), vectors).sha256()
    if experiment.model.init is not None:
        settings["init"] = start_hash(experiment)
    return settings


def _split(experiment: Experiment) -> dict[str, Any]:
    """What tells the split, beside the content of the sources."""
    data = experiment.data
    return {
        "data": data.model_dump(exclude=_ELSEWHERE),
        "given": [getattr(data, part) is not None for part in ("validation", "test", "unlabelled")],
        "split_seed": experiment.split_seed,
    }


def _slug(name: str) -> str:
    return _NO_NAME.sub("-", name).strip("-.")[:60] or "run"
