"""Data sets of the Hugging Face hub, and those that ``datasets`` saved to disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sentiment_cli.errors import DataError, EnvironmentFault, SentimentError
from sentiment_cli.reviews.sources.arrow import arrow_rows, text_columns
from sentiment_cli.reviews.sources.files import File
from sentiment_cli.reviews.sources.source import ReadOptions, Row, Skipped, Source, combined

_OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")
_QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
}
_USER_IS_OFFLINE = any(
    os.environ.get(name, "").upper() in {"1", "ON", "YES", "TRUE"} for name in _OFFLINE
)
_BATCH = 1024


def import_datasets(*, online: bool = False) -> Any:
    """Import ``datasets``, without progress bars, and offline unless a hub source is read.

    A user's own HF_HUB_OFFLINE is always respected.
    """
    offline = _USER_IS_OFFLINE or not online
    os.environ.update({name: os.environ.get(name, value) for name, value in _QUIET.items()})
    if offline:
        os.environ.update(dict.fromkeys(_OFFLINE, "1"))
    import datasets
    import huggingface_hub

    # Both libraries read the environment once; an earlier import may have been an offline one.
    huggingface_hub.constants.HF_HUB_OFFLINE = offline
    datasets.config.HF_HUB_OFFLINE = datasets.config.HF_DATASETS_OFFLINE = offline
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    huggingface_hub.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    return datasets


def is_saved(path: Path) -> bool:
    """Return whether ``datasets`` saved a data set, or several splits of one, to this folder."""
    return (path / "dataset_dict.json").is_file() or all(
        (path / name).is_file() for name in ("dataset_info.json", "state.json")
    )


def saved_source(path: Path, name: str, options: ReadOptions) -> Source:
    """Return a data set that ``datasets`` saved, or its split ``train``.

    Raises:
        DataError: The folder cannot be read, or has splits but none named train.
    """
    datasets = import_datasets()
    try:
        loaded = datasets.load_from_disk(str(path), keep_in_memory=False)
    except Exception as fault:  # the library may raise anything
        raise DataError(f"{name} is not a whole saved data set: {_line(fault)}") from fault
    if isinstance(loaded, datasets.DatasetDict):
        if "train" not in loaded:
            raise DataError(
                f"{name} has no split named train",
                hint="name one of its splits: "
                + ", ".join(f"{name.rstrip('/')}/{split}" for split in loaded),
            )
        loaded = loaded["train"]
    return _dataset_source(loaded, name, options)


def hub_source(spec: str, options: ReadOptions) -> Source:
    """Return the data set ``hub:OWNER/NAME[:config][:split]``. The default split is ``train``.

    A single word after the name is a config if the data set has one of that name, else a split.

    Raises:
        DataError: There is no such data set, config or split, or it cannot be read.
        EnvironmentFault: The hub cannot be reached.
    """
    # A colon within brackets belongs to a slice such as train[:1000].
    name, *choice = re.split(r":(?![^\[]*\])", spec.removeprefix("hub:"))
    if not name or len(choice) > 2 or not all(choice):
        raise DataError(f"{spec} is not a hub source", hint="hub:OWNER/NAME[:config][:split]")
    if Path(name).is_dir():  # which the library would take for the data set
        raise DataError(
            f"{spec}: a folder {name} lies here and would be read in place of the hub's data set",
            hint="run the command in another folder, or name the folder as the source",
        )
    datasets = import_datasets(online=True)
    try:
        if len(choice) == 1 and choice[0] not in datasets.get_dataset_config_names(name):
            config, split = None, choice[0]
        else:
            config, split = (*choice, None, None)[:2]
        loaded = datasets.load_dataset(name, config, split=split or "train", keep_in_memory=False)
    except Exception as fault:  # the library may raise anything
        raise _hub_fault(spec, name, fault) from fault
    return _dataset_source(loaded, spec, options)


def _hub_fault(spec: str, name: str, fault: Exception) -> SentimentError:
    """Return the error for a data set that cannot be loaded: a wrong name, or no connection."""
    if isinstance(fault, FileNotFoundError | ValueError | RuntimeError | KeyError):
        return DataError(
            f"{spec}: {_line(fault)}", hint=f"see https://huggingface.co/datasets/{name}"
        )
    return EnvironmentFault(
        f"{spec}: {_line(fault)}",
        hint="check the network, or read a file: a hub source is kept on disk once it was read",
    )


def _dataset_source(dataset: Any, name: str, options: ReadOptions) -> Source:
    """Return a ``datasets.Dataset`` as a source. Numbers of classes become their names."""
    names = {
        column: {str(number): label for number, label in enumerate(feature.names)}
        for column, feature in dataset.features.items()
        if hasattr(feature, "names")
    }
    tables = dataset.with_format("arrow")
    empty = dataset.features.arrow_schema.empty_table()
    columns, notes = text_columns(empty, tables[:_BATCH])

    def read(_: Skipped) -> Iterator[Row]:
        for row in arrow_rows(tables.iter(batch_size=_BATCH), name, columns):
            named = {column: known.get(row.values[column], "") for column, known in names.items()}
            yield Row({**row.values, **named}, row.origin, row.number)

    def digest() -> str:
        files = [File(Path(cached["filename"]), name) for cached in dataset.cache_files]
        return combined([name, str(len(dataset)), *(file.digest() for file in files)])

    return Source(name, columns, read, digest, options.on_bad_rows, found=tuple(notes))


def _line(fault: Exception) -> str:
    """Return the message of an error of another library on one line."""
    return " ".join(str(fault).split())[:300] or type(fault).__name__
