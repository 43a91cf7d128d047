"""spaCy: the text classifier that `spacy init config` proposes for a CPU, a linear bag of words.

Three epochs, as the LSTM has, without the early end that it proposes; the best on validation. (The
ensemble of `--optimize accuracy` wants pretrained vectors, which are no part of the package, and is
slower.)
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import spacy
from adapter import LABEL, TEXT, column, main
from spacy.cli.init_config import init_config
from spacy.cli.train import train as train_by
from spacy.tokens import DocBin


def train(data: Path, model: Path) -> None:
    config = init_config(lang="en", pipeline=["textcat"], optimize="efficiency", gpu=False)
    config["paths"]["vectors"] = None
    config["initialize"]["vectors"] = None
    config["training"] |= {"max_epochs": 3, "eval_frequency": 1000, "patience": 0}
    blank = spacy.blank("en")
    classes = sorted(set(column(data / "training.csv", LABEL)))
    for part, name in (("training", "train"), ("validation", "dev")):
        file = data / f"{part}.csv"
        docs = DocBin()
        for text, label in zip(column(file, TEXT), column(file, LABEL), strict=True):
            doc = blank.make_doc(text)
            doc.cats = {own: float(own == label) for own in classes}
            docs.add(doc)
        docs.to_disk(model / f"{part}.spacy")
        config["paths"][name] = str(model / f"{part}.spacy")
    config.to_disk(model / "config.cfg")
    train_by(model / "config.cfg", model)
    shutil.rmtree(model / "model-last")
    for part in ("training", "validation"):
        (model / f"{part}.spacy").unlink()


def predict(model: Path, texts: list[str]) -> Iterable[str]:
    best = spacy.load(model / "model-best")
    return [max(doc.cats, key=doc.cats.get) for doc in best.pipe(texts)]


if __name__ == "__main__":
    main(train, predict)
