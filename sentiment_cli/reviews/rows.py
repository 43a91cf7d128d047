"""Read every source once: of each row its class, a hash of its text, and the numbers of its words.

Splitting, tokenising and fitting linear models then need no text. Texts are not kept.

Axes: N rows of all sources, T words of all rows, W different words, C classes.
"""

from __future__ import annotations

import json
import os
from array import array
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sentiment_cli.config.paths import is_name
from sentiment_cli.errors import DataError
from sentiment_cli.network.ngrams import word_key
from sentiment_cli.prefetch import prefetch
from sentiment_cli.reviews.cache import cached_stage, content_folder, is_whole, stage_folder
from sentiment_cli.reviews.dataset import mapped
from sentiment_cli.reviews.labels import LabelMap
from sentiment_cli.reviews.schemes import MAX_VALUES
from sentiment_cli.reviews.sources import ReadOptions, open_source, require_columns
from sentiment_cli.reviews.sources.columns import prediction_warning
from sentiment_cli.reviews.sources.source import combined
from sentiment_cli.reviews.spelling import normalised
from sentiment_cli.reviews.split import text_hash
from sentiment_cli.reviews.tokenizer import plain_words
from sentiment_cli.reviews.word_numbers import Pieces, WordNumbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from sentiment_cli.config.schema import DataConfig, Experiment
    from sentiment_cli.network.ngrams import Keys
    from sentiment_cli.reviews.sources import Row, Source

_OTHERS = "other labels"
ROLES = ("source", "validation", "test", "unlabelled")
"""The settings of `data` that name sources."""

_BATCH, _CHARACTERS = 4096, 2**22  # rows, and characters of their texts, in memory at once
_ARRAYS: dict[str, type[np.generic]] = {
    "labels": np.int64,
    "hashes": np.uint64,
    "words": np.int32,
    "offsets": np.int64,
    "keys": np.uint64,
    "key_offsets": np.int64,
}


class Progress(Protocol):
    """Function that is told how far a long piece of work has come."""

    def __call__(self, stage: str, done: int, total: int | None) -> None: ...


class Sources:
    """The opened sources of an experiment.

    Args:
        data: Settings that name them.
        content: Hash of all that they hold, if it is known.

    Attributes:
        opened: Source of each role that is set.
        content: Hash of all that they hold.

    Raises:
        DataError: A source is missing, empty, damaged, of no known kind, or lacks a column.
        EnvironmentFault: The system or the network refuses it.
    """

    def __init__(self, data: DataConfig, content: str | None = None) -> None:
        self.data = data
        named = {role: getattr(data, role) for role in ROLES}
        self.opened = {role: opened(data, spec) for role, spec in named.items() if spec is not None}
        for role, source in self.opened.items():
            label = None if role == "unlabelled" else data.label_column
            like = None if role == "source" else self.opened["source"].name
            require_columns(source, data.text_column, label, like=like)
        self.content = content or self.fingerprint()

    def fingerprint(self) -> str:
        """Return a hash of all that the sources hold now."""
        return combined([source.fingerprint() for source in self.opened.values()])

    @property
    def name(self) -> str:
        """The sources as a person wrote them."""
        return ", ".join(source.name for source in self.opened.values())


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of the sources, those of one role after those of another.

    Args:
        sizes: Number of rows of each role.
        labels: Class of each row; -1 without one, (N,).
        hashes: Hash of each normalised text; equal for copies, (N,).
        words: Numbers of the words, one row after the other, (T,).
        offsets: Row i has the words from `offsets[i]` to `offsets[i + 1]`, (N + 1,).
        keys: 64-bit keys of the plain words behind each number.
        label_map: Classes, and the values that mean them.
        dropped: Number of rows whose value has no class.
        skipped: Number of broken rows.
        notes: Sentences that say how the sources were read.
    """

    sizes: Mapping[str, int]
    labels: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    words: NDArray[np.int32]
    offsets: NDArray[np.int64]
    keys: Pieces
    label_map: LabelMap
    dropped: int
    skipped: int
    notes: tuple[str, ...]

    def span(self, role: str) -> slice:
        """Return which rows those of a role are."""
        before = ROLES[: ROLES.index(role)]
        start = sum(self.sizes.get(name, 0) for name in before)
        return slice(start, start + self.sizes.get(role, 0))

    def words_of(self, rows: NDArray[np.integer]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the numbers of the words of some rows, one row after the other, (t,), and the
        number of words of each row, (n,)."""
        lengths = self.offsets[rows + 1] - self.offsets[rows]
        ends = np.append(0, np.cumsum(lengths))
        places = np.repeat(self.offsets[rows] - ends[:-1], lengths) + np.arange(ends[-1])
        return self.words[places], lengths

    def keys_of(self, rows: NDArray[np.integer]) -> tuple[Keys, NDArray[np.int64]]:
        """Return the keys of the plain words of some rows, and the number of keys of each row."""
        return self.keys(*self.words_of(rows))


def load_rows(
    sources: Sources, experiment: Experiment, *, progress: Progress, numbers: WordNumbers | None
) -> Rows:
    """Return the rows of sources, from the cache if it has them.

    Args:
        sources: The sources.
        experiment: All settings.
        progress: Function that is told how far the reading has come.
        numbers: Gives words numbers. None if the words behind the numbers are not needed; else the
            sources are read in any case.

    Raises:
        DataError: A source cannot be read, or its labels are not as expected.
        EnvironmentFault: The cache cannot be written.
    """
    folder = stage_folder(content_folder(sources.content), "rows", rows_settings(experiment))
    names = ["rows.json", *_ARRAYS]
    if numbers is not None or not is_whole(folder, names):
        tokenizer = experiment.tokenizer
        numbers = numbers or WordNumbers(tokenizer.kind, tokenizer.lowercase)

        def write(staged: Path) -> None:
            _write(staged, sources, numbers, progress)

        cached_stage(folder, names, write, source=sources.name, again=True)
    return _open(folder)


def rows_settings(experiment: Experiment) -> dict[str, Any]:
    """Return the settings that rows depend on, beside the content of the sources."""
    split = {"limit", "test_fraction", "validation_fraction", "split_seed", "formula_guard"}
    data = experiment.data
    return {
        "data": data.model_dump(exclude={*ROLES, *split}),
        "roles": [role for role in ROLES if getattr(data, role) is not None],
        "words": [experiment.tokenizer.kind, experiment.tokenizer.lowercase],
    }


def opened(data: DataConfig, spec: str | tuple[str, ...]) -> Source:
    """Open one of the sources that an experiment names, as its settings say.

    A path below the current folder is shown as seen from there.

    Raises:
        DataError: It is missing, empty, damaged, or of no known kind.
        EnvironmentFault: The system or the network refuses it.
    """
    here = Path.cwd()
    names = [spec] if isinstance(spec, str) else spec
    return open_source(
        [_from(here, name) for name in names], base=here, options=ReadOptions.of(data)
    )


def _from(here: Path, name: str) -> str:
    """Shorten a path to the part below a folder, unless it would then mean something else."""
    shorter = name.removeprefix(f"{here}{os.sep}")
    return name if is_name(shorter) or shorter.startswith("~/") else shorter


class _Labels:
    """The label column of a source, batch by batch.

    Args:
        source: The source.
        data: Settings that name its columns.
        known: Classes of the training reviews; None while these are read.
        is_labelled: Whether the source has labels.
    """

    def __init__(
        self, source: Source, data: DataConfig, known: LabelMap | None, *, is_labelled: bool
    ) -> None:
        self._source = source
        self._column = data.label_column if is_labelled else None
        self._given = data.label_map or source.labels
        # With a label map, a label that occurs only here is skipped too.
        self._known = known and replace(known, partial=known.partial or bool(data.label_map))
        self._wanted = {normalised(own) for own in (known.values if known else self._given or ())}
        self._codes: dict[str, int] = {}
        self._found = array("i")

    def add(self, row: Row) -> None:
        """Take in the label of the next row."""
        if self._column is None:
            self._found.append(-1)
            return
        value = row.values[self._column]
        code = self._codes.get(value)
        self._found.append(self._new(value, row) if code is None else code)

    def classes(self) -> tuple[LabelMap, NDArray[np.int32]]:
        """Return the classes, and the class of each row; -1 for one without."""
        found = np.array(self._found, dtype=np.int32)
        if self._column is None:
            assert self._known is not None
            return self._known, found
        if self._known is None:
            label_map = self._map(found)
            of_code = [label_map.class_of(value) for value in self._codes]
            classes = np.array([-1 if own is None else own for own in of_code], dtype=np.int32)
            return label_map, classes[found]
        if not (found >= 0).any():
            raise DataError(
                f"{self._source.name} holds no review of the classes "
                f"{', '.join(self._known.classes)}",
                hint="data.label_map maps its values to classes",
            )
        return self._known, found

    def _new(self, value: str, row: Row) -> int:
        """Return the code of a label that is met for the first time."""
        number = len(self._codes)
        if self._known is None and self._given is None and number > MAX_VALUES:  # texts
            self._map(np.array(self._found))
        if number > MAX_VALUES and normalised(value) not in self._wanted:
            value = _OTHERS  # so that memory has a bound
        if self._known is None:
            return self._codes.setdefault(value, number)
        known = self._known.class_of(value, row)
        return self._codes.setdefault(value, -1 if known is None else known)

    def _map(self, found: NDArray[np.int32]) -> LabelMap:
        counts = np.bincount(found, minlength=len(self._codes)).tolist()
        seen = dict(zip(self._codes, counts, strict=True))
        assert self._column is not None
        label_map = LabelMap.of(self._given, seen, column=self._column)
        warnings = prediction_warning(self._source, self._column)
        return replace(label_map, notes=(*warnings, *label_map.notes))


def _write(folder: Path, sources: Sources, numbers: WordNumbers, progress: Progress) -> None:
    data, label_map = sources.data, None
    sizes: dict[str, int] = {}
    found: list[NDArray[np.int32]] = []
    hashes, lengths = array("Q"), array("q")
    with (folder / "words").open("wb") as words:
        for role, source in sources.opened.items():
            labels = _Labels(source, data, label_map, is_labelled=role != "unlabelled")
            for texts, own in prefetch(_batches(source, data.text_column, labels)):
                ids, counts = numbers(texts)
                words.write(ids.tobytes())
                lengths.frombytes(counts.tobytes())
                hashes.extend(own)
                progress("reading", len(hashes), None)
            label_map, own_classes = labels.classes()
            found.append(own_classes)
            sizes[role] = len(own_classes)
    if sources.fingerprint() != sources.content:
        raise changed(sources.name)
    assert label_map is not None
    keys = [[word_key(plain) for plain in plain_words(word)] for word in numbers.words]
    pieces = Pieces.of(keys, np.uint64)
    arrays = {
        "labels": np.concatenate(found),
        "hashes": np.array(hashes),
        "offsets": np.append(0, np.cumsum(np.array(lengths))),
        "keys": pieces.values,
        "key_offsets": pieces.offsets,
    }
    for name, values in arrays.items():
        values.astype(_ARRAYS[name]).tofile(folder / name)
    labelled = np.concatenate(found[: len(found) - ("unlabelled" in sizes)])
    meta = {
        "sizes": sizes,
        "label_map": asdict(label_map),
        "dropped": int((labelled < 0).sum()),
        "skipped": sum(source.skipped.count for source in sources.opened.values()),
        "notes": [
            note if role == "source" else f"data.{role}: {note}"
            for role, source in sources.opened.items()
            for note in source.notes
        ],
    }
    (folder / "rows.json").write_text(json.dumps(meta), encoding="utf-8")


def _open(folder: Path) -> Rows:
    """Map the files that `_write` wrote."""
    meta = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    arrays = {name: mapped(folder / name, dtype) for name, dtype in _ARRAYS.items()}
    label_map: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in meta["label_map"].items()
    }
    return Rows(
        sizes=meta["sizes"],
        labels=arrays["labels"],
        hashes=arrays["hashes"],
        words=arrays["words"],
        offsets=arrays["offsets"],
        keys=Pieces(arrays["keys"], arrays["key_offsets"]),
        label_map=LabelMap(**label_map),
        dropped=meta["dropped"],
        skipped=meta["skipped"],
        notes=tuple(meta["notes"]),
    )


def _batches(source: Source, text: str, labels: _Labels) -> Iterator[tuple[list[str], list[int]]]:
    """Yield the texts of the rows, batch by batch, and the hash of each text."""
    texts: list[str] = []
    characters = 0
    for row in source.rows():
        labels.add(row)
        texts.append(row.values[text])
        characters += len(texts[-1])
        if len(texts) == _BATCH or characters > _CHARACTERS:
            yield texts, [text_hash(own) for own in texts]
            texts, characters = [], 0
    yield texts, [text_hash(own) for own in texts]


def changed(name: str) -> DataError:
    """Return the error for a source that something writes to."""
    return DataError(
        f"{name} changed while it was read",
        hint="run the command again once nothing writes to it",
    )
