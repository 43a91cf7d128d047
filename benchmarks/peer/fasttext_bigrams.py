"""fastText: words and pairs, as its tutorial has them; the epochs that are best on validation.

Lower case, marks apart and one review a line, as the tutorial prepares its texts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import fasttext
from adapter import LABEL, TEXT, column, main

FILE, PREFIX = "model.bin", "__label__"
EPOCHS = (5, 10, 25)


def line(text: str) -> str:
    return " ".join(re.sub(r"([.!?,'/()])", r" \1 ", text.lower()).split())


def train(data: Path, model: Path) -> None:
    for part in ("training", "validation"):
        file = data / f"{part}.csv"
        labelled = zip(column(file, LABEL), column(file, TEXT), strict=True)
        lines = "".join(f"{PREFIX}{label} {line(text)}\n" for label, text in labelled)
        (model / f"{part}.txt").write_text(lines, encoding="utf-8")
    best = -1.0
    for epochs in EPOCHS:
        tried = fasttext.train_supervised(
            str(model / "training.txt"), wordNgrams=2, epoch=epochs, lr=0.5,
            thread=os.cpu_count(), verbose=0,
        )  # fmt: skip
        accuracy = tried.test(str(model / "validation.txt"))[1]
        if accuracy > best:
            best = accuracy
            tried.save_model(str(model / FILE))
    for part in ("training", "validation"):
        (model / f"{part}.txt").unlink()


def predict(model: Path, texts: list[str]) -> Iterable[str]:
    loaded = fasttext.load_model(str(model / FILE))
    labels, _ = loaded.predict([line(text) for text in texts])
    return [found[0].removeprefix(PREFIX) for found in labels]


if __name__ == "__main__":
    main(train, predict)
