"""From an experiment to token ids: read, split, learn the vocabulary, tokenise.

The sources are read once. The cache keeps the result, for each content of the sources and each set
of settings.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.cache import cached_stage, content_folder, is_whole, stage_folder
from sentiment_cli.reviews.corpus import open_corpus, split_settings
from sentiment_cli.reviews.dataset import TokenDataset, write_tokens
from sentiment_cli.reviews.rows import Sources
from sentiment_cli.reviews.split import Part
from sentiment_cli.reviews.tokenizer import ReviewTokenizer, load_tokenizer, train_tokenizer
from sentiment_cli.reviews.word_numbers import Pieces, WordNumbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.corpus import Corpus
    from sentiment_cli.reviews.rows import Progress, Rows

_CHUNK = 1_000_000  # words in memory at once


@dataclass(frozen=True, slots=True)
class Prepared:
    """What training reads.

    Args:
        tokenizer: Tokenizer, learned from the training reviews and the unlabelled ones, or given.
        training: Training reviews.
        validation: Validation reviews.
        unlabelled: Reviews of `data.unlabelled`, their labels -1; None without.
        classes: Names of the classes, in the order of the labels.
        values: Class per value in the source.
        partial: Whether other values are skipped, as `data.label_map` asks; else they are an error.
        counts: Number of reviews of each class per part.
        overlapping: Number of unlabelled reviews that are in validation or test, and skipped.
        copies: Number of labelled reviews that were removed as copies, see `Corpus`.
        dropped: Number of rows without a class.
        label_notes: Sentences that say how the labels were read.
        skipped: Number of broken rows.
        notes: Sentences that say how the sources were read.
        content: Hash of the content of the sources.
        cache: Folder of the cache that holds the tokens.
    """

    tokenizer: ReviewTokenizer
    training: TokenDataset
    validation: TokenDataset
    unlabelled: TokenDataset | None
    classes: tuple[str, ...]
    values: dict[str, str]
    partial: bool
    counts: dict[str, list[int]]
    overlapping: int
    copies: dict[str, int]
    dropped: int
    label_notes: tuple[str, ...]
    skipped: int
    notes: tuple[str, ...]
    content: str
    cache: Path


def prepare(
    experiment: Experiment, *, progress: Progress, tokenizer: bytes | None = None
) -> Prepared:
    """Return the reviews of an experiment as token ids, from the cache if it has them.

    Args:
        experiment: All settings.
        progress: Function that is told how far the work has come.
        tokenizer: Content of a `tokenizer.json`; None if a vocabulary is to be learned.

    Raises:
        DataError: A source cannot be read or split.
        EnvironmentFault: The cache cannot be written.
    """
    progress("reading", 0, None)
    sources = Sources(experiment.data)
    given = tokenizer and sha256(tokenizer).hexdigest()
    made_by = [split_settings(experiment), experiment.tokenizer.model_dump(), given]
    folder = stage_folder(content_folder(sources.content), "tokens", made_by)
    names = [f"{part}.{kind}" for part in _parts(experiment) for kind in TokenDataset.__slots__]
    names += ["meta.json", "tokenizer.json"]
    if not is_whole(folder, names):
        numbers = WordNumbers(experiment.tokenizer.kind, experiment.tokenizer.lowercase)
        corpus = open_corpus(experiment, sources=sources, numbers=numbers, progress=progress)

        def write(staged: Path) -> None:
            _write(staged, experiment, corpus, list(numbers.words), tokenizer)

        progress("tokenising", 0, None)
        cached_stage(folder, names, write, source=sources.name)
    return prepared_in(folder, experiment, sources.content)


def prepared_in(folder: Path, experiment: Experiment, content: str) -> Prepared:
    """Return what `prepare` has left in a folder of the cache, for sources of this content.

    Another process of this host has just written or checked it.
    """
    meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    state = load_tokenizer(
        (folder / "tokenizer.json").read_bytes(), place=str(folder / "tokenizer.json")
    )
    tokens = {part: TokenDataset.open(folder, part) for part in _parts(experiment)}
    return Prepared(
        tokenizer=_with_limits(state, experiment),
        training=tokens["training"],
        validation=tokens["validation"],
        unlabelled=tokens.get("unlabelled"),
        classes=tuple(meta.pop("classes")),
        label_notes=tuple(meta.pop("label_notes")),
        notes=tuple(meta.pop("notes")),
        content=content,
        cache=folder,
        **meta,
    )


def _parts(experiment: Experiment) -> list[str]:
    """Return the names of the parts that are kept as tokens."""
    return ["training", "validation", *(["unlabelled"] if experiment.data.unlabelled else [])]


def _with_limits(state: Any, experiment: Experiment) -> ReviewTokenizer:
    settings = experiment.tokenizer
    return ReviewTokenizer(state, max_tokens=settings.max_tokens, keep=settings.keep)


def _write(
    folder: Path, experiment: Experiment, corpus: Corpus, words: list[str], given: bytes | None
) -> None:
    rows = corpus.rows
    members = {
        "training": corpus.members(Part.TRAINING),
        "validation": corpus.members(Part.VALIDATION),
    }
    overlapping = 0
    if "unlabelled" in corpus.sources.opened:
        members["unlabelled"], overlapping = _unlabelled(corpus)
    if given is None:
        learned = np.concatenate([own for name, own in members.items() if name != "validation"])
        counts = np.zeros(len(words), np.int64)
        for numbers, _ in _chunks(rows, learned):
            counts += np.bincount(numbers, minlength=len(words))
        settings = experiment.tokenizer.model_dump(exclude={"max_tokens", "keep"})
        state = train_tokenizer(words, counts.tolist(), **settings)
    else:
        state = load_tokenizer(given, place="tokenizer.json of model.init")
    tokenizer = _with_limits(state, experiment)
    pieces = Pieces.of(tokenizer.ids(words), np.int32)
    for name, own in members.items():
        tokens = (tokenizer.truncate(*pieces(*chunk)) for chunk in _chunks(rows, own))
        write_tokens(folder, name, tokens, labels=rows.labels[own], hashes=rows.hashes[own])
    (folder / "tokenizer.json").write_bytes(tokenizer.to_json())
    label_map = corpus.labels
    meta = {
        "classes": label_map.classes,
        "values": {value: label_map.classes[index] for value, index in label_map.values.items()},
        "partial": label_map.partial,
        "counts": {part.name.lower(): corpus.counts(part) for part in Part},
        "overlapping": overlapping,
        "copies": corpus.copies,
        "dropped": rows.dropped,
        "label_notes": label_map.notes,
        "skipped": rows.skipped,
        "notes": rows.notes,
    }
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")


def _unlabelled(corpus: Corpus) -> tuple[NDArray[np.intp], int]:
    """Return the unlabelled rows that are not in validation or test, and how many are."""
    rows, span = corpus.rows, corpus.rows.span("unlabelled")
    held_out = np.isin(corpus.parts, (Part.VALIDATION, Part.TEST))
    overlapping = np.isin(rows.hashes[span], rows.hashes[held_out])
    if overlapping.all():
        raise DataError(
            f"{corpus.sources.opened['unlabelled'].name} (data.unlabelled) holds no review that is "
            "not in validation or test",
            hint="name other reviews, or leave data.unlabelled out",
        )
    return span.start + np.flatnonzero(~overlapping), int(overlapping.sum())


def _chunks(
    rows: Rows, members: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """Yield the numbers of the words of some rows, and the words of each row, in chunks."""
    ends = np.cumsum(rows.offsets[members + 1] - rows.offsets[members])
    start = 0
    while start < len(members):
        before = ends[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + _CHUNK, "right")))
        yield rows.words_of(members[start:end])
        start = end
