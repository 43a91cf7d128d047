"""Ludwig: its text classifier with the `rnn` encoder, a bidirectional LSTM trained from scratch.

It answers from the mean over all states: from the last one, the encoder's default, it learned next
to nothing, for that stands behind the padding; mean and maximum were alike on validation.

E = H = 128, batches of 32, three epochs and 400 tokens, as the LSTM has; the best on validation.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import logging
import sys
import tempfile
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from types import ModuleType

import torch

if torch.version.cuda is None:
    # Ludwig imports torchvision and torchaudio, whose wheels are built for CUDA and stumble beside
    # a CPU build of torch. A classifier of texts needs nothing of them but that they are there.
    operators = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        operators.define(f"{name}(Tensor boxes, Tensor scores, float threshold) -> Tensor")
    torchaudio = sys.modules["torchaudio"] = ModuleType("torchaudio")
    torchaudio.__spec__ = ModuleSpec("torchaudio", None)
    torchaudio.__version__ = version("torchaudio")

import pandas as pd
from adapter import LABEL, TEXT, column, main
from ludwig.api import LudwigModel

CONFIG = {
    "input_features": [
        {
            "name": TEXT,
            "type": "text",
            "preprocessing": {"max_sequence_length": 400, "lowercase": True},
            "encoder": {
                "type": "rnn", "cell_type": "lstm", "bidirectional": True, "embedding_size": 128,
                "state_size": 128, "reduce_output": "mean",
            },
        }
    ],
    "output_features": [{"name": LABEL, "type": "category"}],
    "trainer": {
        "epochs": 3, "batch_size": 32, "learning_rate": 2e-3, "optimizer": {"type": "adamw"},
    },
    "backend": {"type": "local"},
}  # fmt: skip


def table(file: Path) -> pd.DataFrame:
    return pd.DataFrame({name: column(file, name) for name in (TEXT, LABEL)})


def train(data: Path, model: Path) -> None:
    trained = LudwigModel(CONFIG, logging_level=logging.WARNING)
    with tempfile.TemporaryDirectory() as scratch:
        trained.train(
            training_set=table(data / "training.csv"),
            validation_set=table(data / "validation.csv"),
            output_directory=scratch,
        )
    trained.save(str(model))


def predict(model: Path, texts: list[str]) -> Iterable[str]:
    loaded = LudwigModel.load(str(model), logging_level=logging.WARNING)
    found, _ = loaded.predict(dataset=pd.DataFrame({TEXT: texts}), skip_save_predictions=True)
    return found[f"{LABEL}_predictions"].tolist()


if __name__ == "__main__":
    main(train, predict)
