"""Reviews of which not all keep their word, and an experiment on them that begins badly."""

from __future__ import annotations

import csv
import random

from support.cli import FILLER, WORDS

SLOW = """\
data: {source: doubtful.csv, validation_fraction: 0.3}
tokenizer: {vocab_size: 200, min_frequency: 1, max_tokens: 20}
model:
  {embedding_dim: 8, ngrams: 0, hidden_size: 8, dropout: 0, embedding_dropout: 0, word_dropout: 0}
training: {epochs: 2, batch_size: 8, lr: 1e-5, ema_decay: 0.5}
device: cpu
tune:
  training.lr: {low: 1e-5, high: 0.1, log: true}
  model.pooling: [mean, mean+max]
"""


def write_doubtful_reviews(path, rows=500):
    """Reviews whose words tell the class nine times in ten."""
    chance = random.Random(0)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for number in range(rows):
            label = chance.choice(["bad", "good"])
            other = {"bad": "good", "good": "bad"}[label]
            words = chance.choices(FILLER, k=4)
            words.append(chance.choice(WORDS[label if chance.random() < 0.9 else other]))
            writer.writerow([f"{' '.join(words)} {number}", label])
