"""scikit-learn: TF-IDF of words and pairs with logistic regression, kept by joblib.

Settings as those of the model of this kind that `sentiment train` shows beside a network.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import joblib
from adapter import LABEL, TEXT, column, main
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

FILE = "model.joblib"


def train(data: Path, model: Path) -> None:
    bigrams = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    pipeline = make_pipeline(bigrams, LogisticRegression(C=10, max_iter=1000))
    training = data / "training.csv"
    joblib.dump(pipeline.fit(column(training, TEXT), column(training, LABEL)), model / FILE)


def predict(model: Path, texts: list[str]) -> Iterable[str]:
    return joblib.load(model / FILE).predict(texts)


if __name__ == "__main__":
    main(train, predict)
