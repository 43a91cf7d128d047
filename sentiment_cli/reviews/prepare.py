"""From the experiment file to token ids: read, split, learn the tokenizer, tokenise; once for each
content of the source and each set of settings."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sentiment_cli import transient
from sentiment_cli.errors import EnvironmentFault, SentimentError
from sentiment_cli.reviews.corpus import changed, fingerprint, open_corpus, read_sources
from sentiment_cli.reviews.dataset import TokenDataset, write_tokens
from sentiment_cli.reviews.sources.files import File
from sentiment_cli.reviews.split import Part
from sentiment_cli.reviews.tokenizer import (
    ReviewTokenizer,
    load_tokenizer,
    tokenizer_rules,
    train_tokenizer,
)
from sentiment_cli.reviews.unlabelled import Unlabelled, unlabelled_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentiment_cli.config.schema import DataConfig, Experiment
    from sentiment_cli.reviews.corpus import Corpus, Review
    from sentiment_cli.reviews.sources import Source

# Raised whenever the files or the way to them change, so that no older cache is read.
_CACHE_FORMAT = 6

_HASHES = "hashes.json"


class Progress(Protocol):
    """Is told how far a long piece of work has come."""

    def __call__(self, stage: str, done: int, total: int | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """What training reads.

    Args:
        tokenizer: learned from the training reviews and the unlabelled ones, or given.
        classes: the classes' names, in the order of the labels.
        values: value in the source: class.
        partial: whether other values are left out, as `data.label_map` asks; else they are a fault.
        counts: part: reviews of each class.
        unlabelled: the reviews of `data.unlabelled`, their labels -1, or None.
        left_out: reviews of `data.unlabelled` left out, as they stand in validation or test.
        dropped: rows that `data.label_map` leaves out.
        skipped: broken rows that `data.on_bad_rows` leaves out.
        notes: Sentences about how the sources were read.
        fingerprint: hash of the source's content.
        cache: the folder of the token cache that holds all this; what else is made from nothing but
            these tokens may be kept there.
    """

    tokenizer: ReviewTokenizer
    training: TokenDataset
    validation: TokenDataset
    classes: tuple[str, ...]
    values: dict[str, str]
    partial: bool
    counts: dict[str, list[int]]
    unlabelled: TokenDataset | None
    left_out: int
    dropped: int
    skipped: int
    notes: list[str]
    fingerprint: str
    cache: Path


def prepare(
    experiment: Experiment, *, progress: Progress, tokenizer: bytes | None = None
) -> Prepared:
    """Return the experiment's reviews as token ids, from the cache where it holds them.

    Args:
        experiment: all settings.
        progress: is told how far it has come.
        tokenizer: content of a `tokenizer.json`, if none is to be learned.

    Raises:
        DataError: the source cannot be read or split.
        EnvironmentFault: the cache cannot be written.
    """
    sources = all_sources(experiment.data)
    progress("reading", 0, None)
    content = fingerprint(sources)
    folder = cache_folder() / "tokens" / _key(experiment, content, tokenizer)
    parts = _parts(experiment.data)
    tokens = [f"{part}.{kind}" for part in parts for kind in TokenDataset.__slots__]

    def write(staged: Path) -> None:
        _write(staged, experiment, content, progress, tokenizer)

    cached_folder(folder, ["meta.json", "tokenizer.json", *tokens], write)
    return prepared_in(folder, experiment, content)


def cached_folder(folder: Path, names: Sequence[str], write: Callable[[Path], None]) -> None:
    """Have `write` write files into a folder of the cache, unless it holds them as written.

    Args:
        folder: of the cache.
        names: of the files.
        write: is called with another folder, which then takes the place of this one.

    Raises:
        EnvironmentFault: the folder cannot be written.
    """
    if _is_whole(folder, names):
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staged = transient.add(Path(tempfile.mkdtemp(prefix=".staged-", dir=folder.parent)))
        try:
            write(staged)
            (staged / _HASHES).write_text(json.dumps(_hashes(staged, names)), encoding="utf-8")
            if not _is_whole(folder, names):  # another process may have been quicker
                if folder.exists():
                    folder.rename(staged / "damaged")
                staged.rename(folder)
                transient.remove(folder / "damaged")
        finally:
            transient.remove(staged)
    except OSError as fault:
        raise EnvironmentFault(
            f"the token cache {folder} cannot be written: {fault.strerror}",
            hint="free some space, or set SENTIMENT_CACHE to another folder",
        ) from fault


def cache_folder() -> Path:
    """Return the folder for what can be made anew; `SENTIMENT_CACHE` moves it."""
    if moved := os.environ.get("SENTIMENT_CACHE"):
        return Path(moved)
    from platformdirs import user_cache_path

    return user_cache_path("sentiment-cli")


def all_sources(data: DataConfig) -> list[Source]:
    """Open every source that training reads."""
    sources, unlabelled = read_sources(data), unlabelled_source(data)
    return sources if unlabelled is None else [*sources, unlabelled]


def _parts(data: DataConfig) -> tuple[str, ...]:
    """The parts that the cache holds as tokens."""
    return ("training", "validation", *(["unlabelled"] if data.unlabelled is not None else []))


def _key(experiment: Experiment, content: str, tokenizer: bytes | None) -> str:
    data = experiment.data
    sources = ("source", "validation", "test", "unlabelled")
    settings = [
        _CACHE_FORMAT,
        content,
        data.model_dump(exclude={*sources, "formula_guard", "split_seed"})
        | {"given": [getattr(data, name) is not None for name in sources]},
        experiment.tokenizer.model_dump(),
        tokenizer_rules(experiment.tokenizer.kind, experiment.tokenizer.lowercase),
        experiment.split_seed,
    ]
    if tokenizer is not None:
        settings.append(sha256(tokenizer).hexdigest())
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:32]


def _write(
    folder: Path,
    experiment: Experiment,
    content: str,
    progress: Progress,
    given: bytes | None,
) -> None:
    corpus = open_corpus(experiment.data, seed=experiment.split_seed)
    source = unlabelled_source(experiment.data)
    text = experiment.data.text_column
    unlabelled = None if source is None else Unlabelled(source, corpus, text=text)
    settings = experiment.tokenizer
    readings = _readings(corpus, unlabelled)
    if given is None:
        taught = (
            review.text
            for name, read in readings.items()
            if name != "validation"
            for review in read()
        )
        state = train_tokenizer(taught, **settings.model_dump(exclude={"max_tokens", "keep"}))
    else:
        state = load_tokenizer(given, place="tokenizer.json of model.init")
    tokenizer = ReviewTokenizer(state, max_tokens=settings.max_tokens, keep=settings.keep)

    counts = {part.name.lower(): corpus.counts(part) for part in Part}
    total = sum(counts["training"]) + sum(counts["validation"])
    total += unlabelled.kept if unlabelled else 0
    done = 0

    def advance(reviews: int) -> None:
        nonlocal done
        done += reviews
        progress("tokenising", done, total)

    for name, read in readings.items():
        write_tokens(read(), tokenizer, folder, name, advance=advance)
    (folder / "tokenizer.json").write_bytes(tokenizer.to_json())
    meta = {
        "classes": corpus.labels.classes,
        "values": {
            value: corpus.labels.classes[index] for value, index in corpus.labels.values.items()
        },
        "partial": corpus.labels.partial,
        "counts": counts,
        "left_out": unlabelled.left_out if unlabelled else 0,
        "dropped": corpus.dropped,
        "skipped": corpus.skipped + (unlabelled.skipped if unlabelled else 0),
        "notes": corpus.notes + (unlabelled.notes if unlabelled else []),
    }
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    if fingerprint(all_sources(experiment.data)) != content:
        raise changed(corpus.name)


def _readings(
    corpus: Corpus, unlabelled: Unlabelled | None
) -> dict[str, Callable[[], Iterator[Review]]]:
    """Return a way to read each part's reviews, whose tokens the cache holds."""
    readings: dict[str, Callable[[], Iterator[Review]]] = {
        "training": partial(corpus.reviews, Part.TRAINING),
        "validation": partial(corpus.reviews, Part.VALIDATION),
    }
    if unlabelled is not None:
        readings["unlabelled"] = unlabelled.reviews
    return readings


def _hashes(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the SHA-256 of each file."""
    return {name: File(folder / name, name).sha256() for name in names}


def _is_whole(folder: Path, names: Sequence[str]) -> bool:
    """Whether the cache is all there, as it was written: it may be cleaned up, or lose its power.

    It costs less than the fingerprint of the source, which is read in any case.
    """
    try:
        return bool(json.loads((folder / _HASHES).read_bytes()) == _hashes(folder, names))
    except (OSError, ValueError, RecursionError, SentimentError):
        return False


def prepared_in(folder: Path, experiment: Experiment, content: str) -> Prepared:
    """Return what `prepare` has left in a folder of the token cache, for reviews of this content.

    Another process of this host has just written or checked it.
    """
    meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    state = load_tokenizer(
        (folder / "tokenizer.json").read_bytes(), place=str(folder / "tokenizer.json")
    )
    tokens = {part: TokenDataset.open(folder, part) for part in _parts(experiment.data)}
    return Prepared(
        tokenizer=ReviewTokenizer(
            state,
            max_tokens=experiment.tokenizer.max_tokens,
            keep=experiment.tokenizer.keep,
        ),
        training=tokens["training"],
        validation=tokens["validation"],
        classes=tuple(meta["classes"]),
        values=meta["values"],
        partial=meta["partial"],
        counts=meta["counts"],
        unlabelled=tokens.get("unlabelled"),
        left_out=meta["left_out"],
        dropped=meta["dropped"],
        skipped=meta["skipped"],
        notes=meta["notes"],
        fingerprint=content,
        cache=folder,
    )
