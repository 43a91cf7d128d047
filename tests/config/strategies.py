"""Random valid experiments, drawn from the schema itself."""

from __future__ import annotations

from types import NoneType
from typing import Any, Literal, get_args

from annotated_types import Ge, Gt, Le, Lt, MaxLen
from hypothesis import strategies as st
from pydantic import BaseModel

from sentiment_cli.config.fields import Kind, kinds_of, origin_of, section_of
from sentiment_cli.config.paths import Located
from sentiment_cli.config.schema import Experiment

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
TRICKY = st.sampled_from(
    ["no", "1", "01", "null", "~", "a: b", "# x", "*x", " ", "1e-3", "\n", "'"]
)
LOCATED = (
    *("imdb", "cereal", "hub:a/b", "counted", "glove-6b-50d", "bundled"),
    *("/data/a b.csv", "/data/*.csv", "/ü/[x]", "/data/a b.vec"),
)


def experiments() -> st.SearchStrategy[Experiment]:
    """Any experiment that the schema takes, with names and absolute paths as its sources."""
    return _section(Experiment)


def _section(section: type[BaseModel]) -> st.SearchStrategy[Any]:
    fields = {}
    for name, field in section.model_fields.items():
        inner = section_of(field)
        fields[name] = _section(inner) if inner else st.one_of(*map(_kind, kinds_of(field)))
    return st.builds(section, **fields)


def _kind(allowed: Kind) -> st.SearchStrategy[Any]:
    kind, bounds = allowed
    origin = origin_of(kind)
    if origin is Literal:
        return st.sampled_from(get_args(kind))
    if kind is NoneType:
        return st.none()
    if kind is bool:
        return st.booleans()
    if origin is dict:
        return st.dictionaries(TEXTS | TRICKY, TEXTS | TRICKY, max_size=4)
    marks = [mark for mark in bounds if isinstance(mark, Located)]
    texts = TEXTS | TRICKY
    if marks:
        fitting = [text for text in LOCATED if text.startswith("/") or marks[0].is_name(text)]
        texts = st.sampled_from(fitting)
    if origin is tuple:
        return st.lists(texts, max_size=4).map(tuple)
    if any(isinstance(mark, MaxLen) for mark in bounds):
        return st.sampled_from([";", "|", "\t", "'", '"', "#", ":", " ", "\\"])
    if kind is str:
        return texts
    return _numbers(kind, bounds)


def _numbers(kind: Any, bounds: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    least: Any = next((mark.ge for mark in bounds if isinstance(mark, Ge)), None)
    above: Any = next((mark.gt for mark in bounds if isinstance(mark, Gt)), None)
    most: Any = next((mark.le for mark in bounds if isinstance(mark, Le)), None)
    below: Any = next((mark.lt for mark in bounds if isinstance(mark, Lt)), None)
    if kind is int:
        return st.integers(least, most if below is None else below - 1)
    return st.floats(
        least if above is None else above,
        most if below is None else below,
        exclude_min=above is not None,
        exclude_max=below is not None,
        allow_nan=False,
        allow_infinity=False,
    )
