"""Weights survive the way through bytes, and no file is believed."""

from __future__ import annotations

import json

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.errors import ModelError
from sentiment_cli.network.weights import dump_weights, load_weights

SHAPES = {"bias": (4,), "weight": (2, 3)}
WEIGHTS = {
    "weight": np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5,
    "bias": np.array([1.5, -0.0, 3e38, 1e-40], np.float32),
}
GOOD = {
    "bias": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]},
    "weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [16, 40]},
}


def file_of(header, payload=bytes(40)):
    """A safetensors file with this header, a JSON value or bytes."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + payload


def changed(tensor, **entry):
    return GOOD | {tensor: GOOD[tensor] | entry}


def load(data):
    return load_weights(data, SHAPES, place="run/model.safetensors")


def test_round_trip_is_exact():
    loaded = load(dump_weights(WEIGHTS))
    assert loaded.keys() == WEIGHTS.keys()
    for name, array in WEIGHTS.items():
        assert loaded[name].tobytes() == array.tobytes()
        assert loaded[name].shape == array.shape


def test_order_of_the_tensors_does_not_change_the_bytes():
    backwards = dict(reversed(WEIGHTS.items()))
    assert dump_weights(backwards) == dump_weights(WEIGHTS)


def test_a_turned_array_is_written_as_it_reads():
    turned = WEIGHTS | {"weight": np.ascontiguousarray(WEIGHTS["weight"].T).T}
    assert dump_weights(turned) == dump_weights(WEIGHTS)


def test_the_library_reads_what_is_written_here():
    theirs = safetensors.numpy.load(dump_weights(WEIGHTS))
    for name, array in WEIGHTS.items():
        np.testing.assert_array_equal(theirs[name], array)


def test_what_the_library_writes_is_read_here():
    loaded = load(safetensors.numpy.save(WEIGHTS, metadata={"format": "pt"}))
    for name, array in WEIGHTS.items():
        np.testing.assert_array_equal(loaded[name], array)


def test_half_precision_is_read_as_single():
    half = {name: np.ones(shape, np.float16) for name, shape in SHAPES.items()}
    loaded = load(safetensors.numpy.save(half))
    assert {array.dtype for array in loaded.values()} == {np.dtype(np.float32)}
    assert loaded["weight"].sum() == 6.0


def test_single_precision_is_not_copied():
    data = dump_weights(WEIGHTS)
    whole = np.frombuffer(data, np.uint8)
    assert all(np.shares_memory(array, whole) for array in load(data).values())


def test_the_plain_file_of_these_tests_is_good():
    assert load(file_of(GOOD)).keys() == SHAPES.keys()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(7),
        bytes(8),
        bytes(100),
        (2**62).to_bytes(8, "little") + bytes(100),
        (99).to_bytes(8, "little") + b"{}",
        file_of(b"not JSON"),
        file_of(b'{"bias": \xff}'),
        file_of(b"[" * 100_000),
        file_of(json.dumps(GOOD).encode() + b" " * 1_000_000),
        file_of(b"9" * 10_000),
        file_of([GOOD]),
        file_of(None),
    ],
)
def test_refuses_what_has_no_header_and_names_the_file(data):
    with pytest.raises(ModelError, match=r"^run/model\.safetensors: no safetensors file"):
        load(data)


@pytest.mark.parametrize(
    "header",
    [
        changed("weight", shape=[3, 2]),
        changed("weight", shape=[6]),
        changed("weight", shape="2, 3"),
        changed("weight", shape=[2, -3]),
        changed("weight", shape=[1_000_000, 1_000_000], data_offsets=[16, 4_000_000_000_016]),
        changed("weight", dtype="F64"),
        changed("weight", dtype="I32"),
        changed("weight", dtype=["F32"]),
        changed("weight", dtype=None),
        changed("weight", data_offsets=[16, 39]),
        changed("weight", data_offsets=[16, 4_000_000_000_016]),
        changed("weight", data_offsets=[40, 16]),
        changed("weight", data_offsets=[-24, 0]),
        changed("weight", data_offsets=[16.0, 40.0]),
        changed("weight", data_offsets=[True, 25]),
        changed("weight", data_offsets=[16, 40, 40]),
        changed("weight", data_offsets=None),
        changed("weight", data_offsets=[0, 24]),
        changed("weight", data_offsets=[12, 36]),
        changed("weight", data_offsets=[20, 44]),
        changed("weight", data_offsets=[10**15, 10**15 + 24]),
        changed("weight", strides=[3, 1]),
        GOOD | {"weight": [1]},
        GOOD | {"weight": {"dtype": "F32"}},
        {"bias": GOOD["bias"]},
    ],
)
def test_refuses_an_entry_and_names_the_tensor(header):
    with pytest.raises(ModelError, match=r"^run/model\.safetensors: tensor .*weight"):
        load(file_of(header))


def test_refuses_a_tensor_that_does_not_belong_there():
    with pytest.raises(ModelError, match="'spy' does not belong here"):
        load(file_of(GOOD | {"spy": GOOD["bias"]}))


@pytest.mark.parametrize("size", [0, 39, 41, 400])
def test_refuses_a_file_that_was_cut_or_grew(size):
    with pytest.raises(ModelError, match=f"expected 40 bytes of tensors, got {size}"):
        load(file_of(GOOD, bytes(size)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_refuses_values_that_are_not_finite(value):
    sick = WEIGHTS | {"weight": np.array([[1, -1, 0], [2, value, 3]], np.float32)}
    with pytest.raises(ModelError, match=r"tensor weight: .* no finite number"):
        load(dump_weights(sick))


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_damaged_file_is_refused_or_still_holds_these_tensors(data):
    damaged = bytearray(dump_weights(WEIGHTS))
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    damaged = damaged[: data.draw(st.sampled_from([len(damaged), len(damaged) - 5]))]
    try:
        loaded = load(bytes(damaged))
    except ModelError:
        return
    assert {name: array.shape for name, array in loaded.items()} == SHAPES
    assert all(np.isfinite(array).all() for array in loaded.values())


def test_half_the_bytes_hold_each_value_within_a_two_thousandth():
    weights = WEIGHTS | {"bias": np.array([1.5, -0.0, 6e4, 1e-3], np.float32)}
    data = dump_weights(weights, "F16")
    assert safetensors.numpy.load(data)["weight"].dtype == np.float16
    for name, read in load(data).items():
        assert read.dtype == np.float32
        assert np.allclose(read, weights[name], rtol=2**-11, atol=0)


@pytest.mark.parametrize("value", [7e4, -7e4])
def test_what_float16_cannot_hold_is_refused(value):
    with pytest.raises(ValueError, match="bias holds a value that is too large"):
        dump_weights({"bias": np.array([value], np.float32)}, "F16")


def test_integers_stay_whole_whatever_the_floats_are():
    keys = np.array([2**63 + 1], np.uint64)
    assert dump_weights({"keys": keys}, "F16") == dump_weights({"keys": keys})


def test_integers_are_read_as_they_were():
    keys = np.array([0, 2**63 + 1], np.uint64)
    data = dump_weights(WEIGHTS | {"keys": keys})
    loaded = load_weights(data, SHAPES | {"keys": (2,)}, place="x", integers=["keys"])
    assert loaded["keys"].dtype == np.uint64
    assert loaded["keys"].tolist() == keys.tolist()
    assert loaded["weight"].dtype == np.float32


@pytest.mark.parametrize(
    ("integers", "fault"),
    [((), "expected dtype F32"), (["bias", "weight"], "expected dtype U32 or U64")],
)
def test_floats_and_integers_are_not_taken_for_each_other(integers, fault):
    mixed = {"bias": np.ones(4, np.uint64), "weight": WEIGHTS["weight"]}
    with pytest.raises(ModelError, match=fault):
        load_weights(dump_weights(mixed), SHAPES, place="x", integers=integers)
