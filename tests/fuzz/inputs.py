"""Inputs that are nearly right: a sound file with some of its bytes or values changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

_ODD = [None, True, -1, 0, 1, 2, 10**9, 2**63, 10**400, 1e308, float("nan"), float("inf"), "", [],
        {}, "\0", "\ud800", "../x", "\x1b[2J", "9" * 5000]  # fmt: skip

ODD = st.recursive(
    st.sampled_from(_ODD) | st.text(max_size=5) | st.integers() | st.floats(allow_subnormal=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
"""JSON values that are seldom meant."""

CHUNKS = [b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\r", b"\n", b'"', b"{", b"}", b"[", b"]",
          b",", b":", b"\\ud800", b"\\", b"-", b"#", b"1e999", b"null", b"\x1f\x8b"]  # fmt: skip


def edited(
    whole: bytes | Sequence[bytes], chunks: Sequence[bytes] = ()
) -> st.SearchStrategy[bytes]:
    """One of the given contents with up to six pieces replaced, doubled, cut or put in."""
    wholes = [whole] if isinstance(whole, bytes) else list(whole)
    pieces = st.sampled_from([*CHUNKS, *chunks]) | st.binary(max_size=8)
    edit = st.tuples(
        st.floats(0, 1, allow_subnormal=False), st.integers(0, 12), pieces, st.integers(1, 3)
    )
    return st.builds(_edited, st.sampled_from(wholes), st.lists(edit, max_size=6))


def odd_parts(content: Any) -> st.SearchStrategy[bytes]:
    """JSON of `content` with up to three of its parts replaced, removed, or joined by another."""
    change = st.tuples(st.integers(0, 2**16), st.sampled_from(["set", "drop", "add"]), ODD)
    return st.lists(change, min_size=1, max_size=3).map(lambda all_: _with_odd(content, all_))


def _edited(whole: bytes, edits: list[tuple[float, int, bytes, int]]) -> bytes:
    for share, length, piece, times in edits:
        at = round(share * len(whole))
        whole = whole[:at] + piece * times + whole[at + length :]
    return whole


def _with_odd(content: Any, changes: list[tuple[int, str, Any]]) -> bytes:
    root = {"": copy.deepcopy(content)}
    for number, how, value in changes:
        places = list(_places(root))
        parent, key = places[number % len(places)]
        if how == "set" or parent is root:
            parent[key] = value
        elif how == "drop":
            del parent[key]
        elif isinstance(parent, list):
            parent.insert(key, value)
        else:
            parent[f"{key}2"] = value
    return json.dumps(root.get("")).encode()


def _places(content: Any) -> Any:
    """Every pair of a list or object and a key of it."""
    keys = content if isinstance(content, dict) else range(len(content))
    for key in keys:
        yield content, key
        if isinstance(content[key], dict | list):
            yield from _places(content[key])
