"""Flair: a bidirectional LSTM over word embeddings, all of it trained from scratch, by AdamW.

E = H = 128 and batches of 32, as the LSTM has. Reviews are cut to 400 tokens, the first 150 and the
last 250, as the LSTM reads them. One epoch of a quarter of an hour, for time's sake.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from adapter import LABEL, TEXT, column, main
from flair.data import Corpus, Sentence
from flair.datasets import FlairDatapointDataset
from flair.embeddings import DocumentRNNEmbeddings, OneHotEmbeddings
from flair.models import TextClassifier
from flair.tokenization import SegtokTokenizer
from flair.trainers import ModelTrainer

KIND = "sentiment"


def sentence(text: str) -> Sentence:
    words = SegtokTokenizer().tokenize(text) or ["."]
    return Sentence(words if len(words) <= 400 else words[:150] + words[-250:])


def labelled(file: Path) -> FlairDatapointDataset:
    found = []
    for text, label in zip(column(file, TEXT), column(file, LABEL), strict=True):
        read = sentence(text)
        read.add_label(KIND, label)
        found.append(read)
    return FlairDatapointDataset(found)


def train(data: Path, model: Path) -> None:
    corpus = Corpus(
        labelled(data / "training.csv"),
        labelled(data / "validation.csv"),
        sample_missing_splits=False,
    )
    words = OneHotEmbeddings.from_corpus(corpus, field="text", embedding_length=128, min_freq=2)
    encoder = DocumentRNNEmbeddings(
        [words], hidden_size=128, rnn_type="LSTM", bidirectional=True, reproject_words=False
    )
    classes = corpus.make_label_dictionary(KIND)
    classifier = TextClassifier(encoder, label_type=KIND, label_dictionary=classes)
    ModelTrainer(classifier, corpus).train(
        model, optimizer=torch.optim.AdamW, learning_rate=2e-3, mini_batch_size=32, max_epochs=1,
        save_final_model=False,
    )  # fmt: skip


def predict(model: Path, texts: list[str]) -> Iterable[str]:
    classifier = TextClassifier.load(model / "best-model.pt")
    sentences = [sentence(text) for text in texts]
    classifier.predict(sentences, mini_batch_size=32)
    return [read.get_label(KIND).value for read in sentences]


if __name__ == "__main__":
    main(train, predict)
