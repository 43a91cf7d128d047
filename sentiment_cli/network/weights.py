"""Weights as bytes and back, in the safetensors format, trusting nothing that is read.

The format: eight bytes with the header's length, a JSON header that gives each tensor's dtype,
shape and place, then the tensors' bytes. It is read and written here, because the header has to
be checked before anything is allocated, and because views into the bytes cost no copy.
https://github.com/huggingface/safetensors
"""

from __future__ import annotations

import json
import math
import reprlib
from collections.abc import Collection, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sentiment_cli.errors import ModelError

_FLOATS: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2")}
_INTEGERS: dict[str, np.dtype[Any]] = {"U32": np.dtype("<u4"), "U64": np.dtype("<u8")}
_LENGTH_BYTES = 8
_MAX_HEADER = 1_000_000
_HINT = "the file is damaged or belongs to another model: copy it again, or train the model anew"


def dump_weights(
    weights: Mapping[str, NDArray[Any]],
    floats: Literal["F32", "F16"] = "F32",
    *,
    exact: Collection[str] = (),
) -> bytes:
    """Return the tensors as one safetensors file; equal weights give equal bytes.

    Integers are kept as 64 bits without sign, all else as float32, or as float16, in half the
    bytes and each value within a two-thousandth of what it was.

    Args:
        weights: the tensors by name.
        floats: the type of those that are no integers.
        exact: the tensors that are float32 whatever `floats` is.

    Raises:
        ValueError: a value is too large for float16.
    """
    header: dict[str, object] = {}
    chunks = []
    end = 0
    for name, array in sorted(weights.items()):
        integers = array.dtype.kind == "u"
        dtype = f"U{8 * array.itemsize}" if integers else "F32" if name in exact else floats
        if dtype == "F16" and array.size and np.abs(array).max() > np.finfo(np.float16).max:
            raise ValueError(f"{name} holds a value that is too large for float16")
        chunk = np.ascontiguousarray(array, (_INTEGERS if integers else _FLOATS)[dtype])
        start, end = end, end + chunk.nbytes
        header[name] = {"dtype": dtype, "shape": chunk.shape, "data_offsets": (start, end)}
        chunks.append(chunk.data)
    text = json.dumps(header, separators=(",", ":")).encode()
    # Spaces, so that the tensors begin where eight bytes would be aligned.
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(_LENGTH_BYTES, "little"), text, *chunks])


def load_weights(
    data: bytes,
    shapes: Mapping[str, tuple[int, ...]],
    *,
    place: str,
    integers: Collection[str] = (),
) -> dict[str, NDArray[Any]]:
    """Return the tensors of a safetensors file, by name.

    Tensors are read-only views into `data`, but for float16, which is converted to float32.

    Args:
        data: the whole file.
        shapes: the name and shape of every tensor that the file must hold, and of no other.
        place: the file's name, for messages.
        integers: Tensors that must be unsigned integers of 32 or 64 bits; all others are floats.

    Raises:
        ModelError: the file does not hold these tensors, one after another without gap or overlap,
            and nothing else; or a value is not finite.
    """
    header, start = _read_header(data, place)
    _check_names(header, shapes, place)
    dtypes = {name: _INTEGERS if name in integers else _FLOATS for name in shapes}
    offsets = {
        name: _check_entry(header[name], shapes[name], dtypes[name], name, place) for name in shapes
    }
    end = 0
    for name, (begin, stop) in sorted(offsets.items(), key=lambda item: item[1]):
        if begin != end:
            raise _fault(place, f"tensor {name}: expected its bytes from {end}, got {begin}")
        end = stop
    if end != len(data) - start:
        raise _fault(place, f"expected {end} bytes of tensors, got {len(data) - start}")
    weights = {}
    for name, shape in shapes.items():
        dtype = dtypes[name][header[name]["dtype"]]
        flat = np.frombuffer(data, dtype, math.prod(shape), start + offsets[name][0])
        if name in integers:
            weights[name] = flat.reshape(shape)
            continue
        # Two reductions see every NaN and infinity, and need no array of flags.
        if flat.size and not (np.isfinite(flat.min()) and np.isfinite(flat.max())):
            raise _fault(place, f"tensor {name}: holds a value that is no finite number")
        weights[name] = flat.reshape(shape).astype(np.float32, copy=False)
    return weights


def _read_header(data: bytes, place: str) -> tuple[dict[str, dict[str, str]], int]:
    """Return the header's entries, and where the tensors' bytes begin."""
    length = int.from_bytes(data[:_LENGTH_BYTES], "little")
    if len(data) < _LENGTH_BYTES or not 0 < length <= min(_MAX_HEADER, len(data) - _LENGTH_BYTES):
        raise _fault(place, f"no safetensors file: header of {length} bytes in {len(data)}")
    start = _LENGTH_BYTES + length
    try:
        header = json.loads(data[_LENGTH_BYTES:start])
    except (ValueError, RecursionError) as error:
        raise _fault(place, "no safetensors file: its header is not JSON") from error
    if not isinstance(header, dict):
        raise _fault(place, "no safetensors file: its header is no JSON object")
    header.pop("__metadata__", None)
    return header, start


def _check_names(
    header: Mapping[str, object], shapes: Mapping[str, tuple[int, ...]], place: str
) -> None:
    if header.keys() != shapes.keys():
        odd = min(header.keys() ^ shapes.keys())
        fault = "is missing" if odd in shapes else "does not belong here"
        raise _fault(place, f"tensor {reprlib.repr(odd)} {fault}")


def _check_entry(
    entry: object,
    shape: tuple[int, ...],
    dtypes: Mapping[str, np.dtype[Any]],
    name: str,
    place: str,
) -> tuple[int, int]:
    """Check one tensor's entry in the header and return its first byte and the one after it."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise _fault(place, f"tensor {name}: expected dtype, shape and data_offsets in the header")
    dtype, offsets = entry["dtype"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in dtypes:
        shown = reprlib.repr(dtype)
        raise _fault(place, f"tensor {name}: expected dtype {' or '.join(dtypes)}, got {shown}")
    if entry["shape"] != list(shape):
        shown = reprlib.repr(entry["shape"])
        raise _fault(place, f"tensor {name}: expected shape {list(shape)}, got {shown}")
    size = math.prod(shape) * dtypes[dtype].itemsize
    if not (
        isinstance(offsets, list)
        and [type(offset) for offset in offsets] == [int, int]
        and offsets[1] - offsets[0] == size
    ):
        shown = reprlib.repr(offsets)
        raise _fault(place, f"tensor {name}: expected {size} bytes, got the offsets {shown}")
    return offsets[0], offsets[1]


def _fault(place: str, what: str) -> ModelError:
    return ModelError(f"{place}: {what}", hint=_HINT)
