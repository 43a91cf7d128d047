"""Ludwig: its text classifier with the `rnn` encoder, a bidirectional LSTM trained from scratch.

E = H = 128, batches of 32, three epochs and 400 tokens, as the LSTM has; the best on validation.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import logging

import torch

if torch.version.cuda is None:
    # Ludwig imports torchvision, whose wheel is built for CUDA: beside a CPU build of torch it lacks
    # its operators, and stumbles over that. Of them a classifier of texts needs none.
    operators = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        operators.define(f"{name}(Tensor boxes, Tensor scores, float threshold) -> Tensor")

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
                "state_size": 128,
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
    trained.train(
        training_set=table(data / "training.csv"),
        validation_set=table(data / "validation.csv"),
        test_set=table(data / "validation.csv").head(1),
        output_directory=None, skip_save_training_description=True,
        skip_save_training_statistics=True, skip_save_model=True, skip_save_progress=True,
        skip_save_log=True, skip_save_processed_input=True,
    )  # fmt: skip
    trained.save(str(model))


def predict(model: Path, texts: list[str]) -> Iterable[str]:
    loaded = LudwigModel.load(str(model), logging_level=logging.WARNING)
    found, _ = loaded.predict(
        dataset=pd.DataFrame({TEXT: texts}), skip_save_predictions=True, output_directory=None
    )
    return found[f"{LABEL}_predictions"].tolist()


if __name__ == "__main__":
    main(train, predict)
