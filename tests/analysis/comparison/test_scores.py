"""Answers, kept."""

from __future__ import annotations

import numpy as np
import pytest
from support.entries import scores

from sentiment_cli.analysis.comparison.scores import Scores, kept
from sentiment_cli.errors import EnvironmentFault


def test_what_is_saved_is_loaded(tmp_path):
    own = scores(0.9, reviews=50)
    own.save(tmp_path / "test.safetensors")
    found = Scores.load(tmp_path / "test.safetensors")
    for name in ("labels", "probabilities", "hashes", "cold_ms"):
        assert np.array_equal(getattr(found, name), getattr(own, name))


@pytest.mark.parametrize("content", [None, b"", b"nonsense", b"\x02\0\0\0\0\0\0\0{}"])
def test_what_is_missing_or_damaged_is_none(tmp_path, content):
    path = tmp_path / "test.safetensors"
    if content is not None:
        path.write_bytes(content)
    assert Scores.load(path) is None
    with pytest.raises(EnvironmentFault, match=r"test\.safetensors is gone"):
        kept(path)
