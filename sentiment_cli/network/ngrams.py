"""N-grams of words as 64-bit numbers: nothing of a text is kept, and nothing needs a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no bit of an earlier word is lost


def ngram_keys(words: Sequence[str], longest: int) -> list[Keys]:
    """Return the keys of a text's n-grams by length: words, pairs, ... up to `longest` words.

    The key of words w1 ... wn is h(w1) F^(n-1) + ... + h(wn) modulo 2^64, where h is BLAKE2b of 64
    bits: that any two of a million n-grams share a key has a probability of 3e-8.
    """
    one = np.fromiter(map(_word_key, words), np.uint64, len(words))
    keys = [one]
    for length in range(2, longest + 1):
        keys.append(keys[-1][:-1] * _FACTOR + one[length - 1 :])
    return keys


def find_keys(keys: Keys, wanted: Keys) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return where `wanted` stand in the ascending `keys`, and which of them do, (T,) and (T,)."""
    if not len(keys):
        return np.zeros(len(wanted), np.intp), np.zeros(len(wanted), np.bool_)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return places, keys[places] == wanted


@lru_cache(maxsize=2**17)
def _word_key(word: str) -> int:
    data = word.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")
