"""Small files that would like to become large ones."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.errors import DataError, UsageError
from sentiment_cli.reviews.sources import ReadOptions, files, open_source

from .test_hostile_folder import peak_memory


@pytest.mark.parametrize("row", [b"good,1\n", b"\n", b" ", b"\0", b'"'])
@pytest.mark.parametrize("ending", ["csv", "jsonl", "json"])
def test_a_gzip_file_stops_where_no_reviews_would_unpack_to(
    row: bytes, ending: str, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "UNPACKED_FREE", 2**22)
    start = {
        "csv": b"text,label\ngood,1\n",
        "jsonl": b'{"text": "good"}\n',
        "json": b'[{"text": "good"},',
    }
    content = start[ending] + row * (2**23 // len(row))
    (disk / f"bomb.{ending}.gz").write_bytes(gzip.compress(content, 9))

    def read() -> None:
        with pytest.raises(DataError, match=r"unpacks to more than|in the JSON list"):
            for _ in open_source(
                f"bomb.{ending}.gz", base=disk, options=ReadOptions(on_bad_rows="skip")
            ).rows():
                pass

    assert peak_memory(read) < 2**26


@pytest.mark.parametrize("schema", [True, False], ids=["dictionaries", "texts"])
def test_a_parquet_file_that_repeats_one_long_text_stops_there_too(
    schema: bool, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "UNPACKED_FREE", 2**22)
    same = pa.DictionaryArray.from_arrays(pa.array([0] * 1500, pa.int32()), ["x" * 5_000_000])
    path = disk / "bomb.parquet"
    pq.write_table(pa.table({"text": same}), path, compression="zstd", store_schema=schema)
    assert path.stat().st_size < 2**11

    def read() -> None:
        with pytest.raises(DataError, match="unpacks to more than"):
            list(open_source("bomb.parquet", base=disk).rows())

    assert peak_memory(read) < 2**30


def test_what_unpacks_as_reviews_do_is_read(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "UNPACKED_FREE", 2**10)
    content = b"text,label\n" + b"".join(b"good %d,1\n" % number for number in range(2000))
    (disk / "many.csv.gz").write_bytes(gzip.compress(content))
    assert sum(1 for _ in open_source("many.csv.gz", base=disk).rows()) == 2000


@pytest.mark.parametrize(
    "content",
    [
        b"a: &a [x]\n" + b"".join(b"b%d: &b%d [*a, *a]\n" % (n, n) for n in range(60)),
        b"[" * 200_000,
        b"{a: " * 70_000,
        b"- " * 140_000,
        b"a: !!python/object/apply:os.system [ls]\n",
        b"seed: 1\nseed: 2\n",
        b"seed: 1\n" * 12_000_000,
        b"? " * 140_000,
        b"'" * 290_000,
        b"a:\n " * 60_000,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_yaml_that_explodes_is_refused(content: bytes, disk: Path) -> None:
    (disk / "bomb.yaml").write_bytes(content)

    def read() -> None:
        with pytest.raises(UsageError):
            read_experiment(disk / "bomb.yaml")

    assert peak_memory(read) < 2**25
