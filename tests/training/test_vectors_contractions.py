"""Contractions begin as the mean of their parts."""

from __future__ import annotations

import numpy as np
import pytest

from sentiment_cli.training.vectors.contractions import with_contractions
from sentiment_cli.training.vectors.words import Found, Wanted

OFFERED = {"do": 1.0, "ca": 2.0, "n't": 3.0, "movie": 4.0, "'s": 5.0, "we'll": 6.0, "it": 7.0}


def look_up(words):
    """Find vectors of one number each."""
    wanted, vectors = Wanted(words), np.zeros((len(words), 1), dtype=np.float32)
    for word, number in OFFERED.items():
        ids = wanted.ids_for(word)
        vectors[ids] = number
        wanted.take(word, ids)
    return Found(vectors, wanted.known, broken=3, first_broken="v.txt:2: cut")


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("don't", 2.0),
        ("Don't", 2.0),
        ("can't", 2.5),
        ("movie's", 4.5),
        ("it's", 6.0),
        ("we'll", 6.0),  # has a vector of its own
        ("o'clock", None),
        ("zebra's", None),
        ("they've", None),
        ("'s", 5.0),
        ("", None),
    ],
)
def test_the_mean_of_the_parts_where_there_is_no_vector(word, number):
    words = ["", "do", word, "it"]
    found = with_contractions(look_up, words)
    assert found.vectors.shape == (4, 1)
    assert found.vectors[[1, 3], 0].tolist() == [1.0, 7.0]
    assert found.known.tolist() == [False, True, number is not None, True]
    assert found.vectors[2, 0] == (number or 0.0)


def test_what_is_amiss_with_the_file_is_handed_on():
    found = with_contractions(look_up, ["do"])
    assert (found.broken, found.first_broken) == (3, "v.txt:2: cut")
