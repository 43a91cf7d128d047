"""What an architecture says of its weights, and what it refuses to be."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest

from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import Architecture

from .samples import architecture


def test_weights_bear_pytorchs_names_and_shapes():
    shapes = architecture(cell="gru", num_layers=2, pooling="attention").weight_shapes()
    assert shapes == {
        "embedding.weight": (30, 6),
        "encoder.weight_ih_l0": (15, 6),
        "encoder.weight_hh_l0": (15, 5),
        "encoder.bias_ih_l0": (15,),
        "encoder.bias_hh_l0": (15,),
        "encoder.weight_ih_l0_reverse": (15, 6),
        "encoder.weight_hh_l0_reverse": (15, 5),
        "encoder.bias_ih_l0_reverse": (15,),
        "encoder.bias_hh_l0_reverse": (15,),
        "encoder.weight_ih_l1": (15, 10),
        "encoder.weight_hh_l1": (15, 5),
        "encoder.bias_ih_l1": (15,),
        "encoder.bias_hh_l1": (15,),
        "encoder.weight_ih_l1_reverse": (15, 10),
        "encoder.weight_hh_l1_reverse": (15, 5),
        "encoder.bias_ih_l1_reverse": (15,),
        "encoder.bias_hh_l1_reverse": (15,),
        "pooling.query": (10,),
        "head.weight": (3, 10),
        "head.bias": (3,),
    }


@pytest.mark.parametrize(("num_classes", "width"), [(2, 3), (3, 9), (5, 15)])
def test_ngram_inputs_widen_first_layer_and_head(num_classes, width):
    sizes = {"num_layers": 2, "num_classes": num_classes}
    plain, wide = (architecture(ngrams=n, **sizes).weight_shapes() for n in (0, 3))
    changed = {name: (plain[name], wide[name]) for name in plain if plain[name] != wide[name]}
    assert changed == {
        "encoder.weight_ih_l0": ((20, 6), (20, 6 + width)),
        "encoder.weight_ih_l0_reverse": ((20, 6), (20, 6 + width)),
        "head.weight": ((num_classes, 20), (num_classes, 20 + width)),
    }


def test_number_of_parameters_is_that_of_all_weights():
    shape = architecture(bidirectional=False)
    assert shape.num_parameters == sum(math.prod(s) for s in shape.weight_shapes().values())


@pytest.mark.parametrize(
    ("pooling", "width"),
    [("last", 10), ("mean", 10), ("max", 10), ("mean+max", 20), ("attention", 10)],
)
def test_pooled_size_follows_the_pooling(pooling, width):
    assert architecture(pooling=pooling).pooled_dim == width


def test_survives_json():
    shape = architecture(cell="rnn", bidirectional=False, ngrams=4)
    assert Architecture.from_dict(json.loads(json.dumps(shape.to_dict()))) == shape


@pytest.mark.parametrize("value", [None, [], "lstm", 3])
def test_refuses_what_is_no_object(value):
    with pytest.raises(ModelError, match="expected an object"):
        Architecture.from_dict(value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cell", "LSTM"),
        ("cell", ["lstm"]),
        ("pooling", "median"),
        ("pooling", None),
        ("bidirectional", 1),
        ("bidirectional", "true"),
        ("num_layers", True),
        ("num_layers", 0),
        ("num_layers", 17),
        ("hidden_size", 128.0),
        ("hidden_size", "128"),
        ("hidden_size", -1),
        ("hidden_size", 65_537),
        ("embedding_dim", 10**30),
        ("vocab_size", 1),
        ("vocab_size", 1_000_001),
        ("num_classes", 1),
        ("num_classes", 51),
        ("ngrams", -1),
        ("ngrams", 6),
        ("ngrams", True),
    ],
)
def test_refuses_a_value_and_names_its_key(key, value):
    with pytest.raises(ModelError, match=rf"architecture\.{key}: expected"):
        Architecture.from_dict(architecture().to_dict() | {key: value})


def test_refuses_a_missing_key():
    value = architecture().to_dict()
    del value["pooling"]
    with pytest.raises(ModelError, match="'pooling' is missing"):
        Architecture.from_dict(value)


def test_refuses_an_unknown_key():
    with pytest.raises(ModelError, match="'attention_heads' is unknown"):
        Architecture.from_dict(architecture().to_dict() | {"attention_heads": 8})


def test_refuses_more_weights_than_any_model_has():
    sizes = {"vocab_size": 1_000_000, "embedding_dim": 65_536}
    with pytest.raises(ModelError, match="number of weights"):
        Architecture.from_dict(architecture().to_dict() | sizes)


def test_shows_no_more_of_a_value_than_fits_a_message():
    with pytest.raises(ModelError) as fault:
        Architecture.from_dict(architecture().to_dict() | {"cell": "x" * 100_000})
    assert len(fault.value.what) < 200


def test_the_path_without_torch_loads_numpy_alone():
    heavy = "{'torch', 'pydantic', 'safetensors', 'scipy'}"
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, sentiment_cli.network.replay, sentiment_cli.network.weights;"
            f"assert not {heavy} & set(sys.modules)",
        ],
        check=True,
    )
