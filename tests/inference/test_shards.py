"""The pieces of a source, and the folder that their answers go to."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.predictor import predictor

from sentiment_cli.errors import DataError, EnvironmentFault, UsageError
from sentiment_cli.inference import cluster, shards
from sentiment_cli.inference.cluster import Reading, ScoredShard, Scorer, require_ray, summed
from sentiment_cli.inference.job import FOLDER, Job, account_of
from sentiment_cli.inference.scoring import score_file
from sentiment_cli.inference.shards import shards_of
from sentiment_cli.reviews.sources import ReadOptions, Skipped, open_source
from sentiment_cli.reviews.sources.opening import source_files


def write_parquet(path, rows, *, group=1000, start=0):
    numbers = range(start, start + rows)
    texts = [f"a {'crunchy' if n % 3 else 'stale'} box {n}" for n in numbers]
    table = pa.table({"id": [str(n) for n in numbers], "text": texts})
    pq.write_table(table, path, row_group_size=group)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(1, 25), st.integers(1, 25))
def test_each_row_of_a_parquet_file_is_in_one_piece(rows, group, at_once):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "ROWS", at_once)
        write_parquet(Path(name) / "a.parquet", rows, group=group)
        found = shards_of(source_files("a.parquet", base=Path(name)))
        assert len({shard.name for shard in found}) == len(found) == -(-rows // at_once)
        read = [row for shard in found for row in shard.rows(["id", "text"], Skipped("error"))]
    assert [row.values["id"] for row in read] == [str(n) for n in range(rows)]
    assert [row.number for row in read] == list(range(1, rows + 1))


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A folder with 50 rows in two files of one name, and pieces of at most 20."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shards, "ROWS", 20)
    for folder, rows, start in (("x", 35, 0), ("y", 15, 35)):
        (tmp_path / folder).mkdir()
        write_parquet(tmp_path / folder / "a.parquet", rows, start=start)
    return tmp_path


def job(out, own, found, text="text"):
    return Job(out, found, account_of(own, found, ["id", "text"], text))


def reading(opened):
    return Reading(["id", "text"], "text", "error", opened.out, opened.inside)


def scored(own, opened, numbers=None):
    scorer = Scorer(own, reading(opened), opened.missing)
    chosen = list(range(len(opened.missing))) if numbers is None else numbers
    return list(scorer({"number": chosen})["came_to"])


def test_all_pieces_hold_what_one_process_answers(source):
    own = predictor()
    files = source_files("*/a.parquet", base=source)
    with job(source / "out", own, shards_of(files)) as opened:
        labels = summed(scored(own, opened), "error").labels
    whole = open_source("*/a.parquet", base=source)
    local = source / "local.parquet"
    told = {"formula_guard": False, "advance": lambda _: None}
    assert score_file(own, whole, "text", local, **told) == labels
    assert len(list((source / "out").glob("*.parquet"))) == 3
    assert sorted(p.name for p in (source / "out").iterdir() if p.suffix != ".parquet") == [FOLDER]
    pieces = [pq.read_table(path) for path in (source / "out").glob("*.parquet")]
    found = {row["id"]: row for table in pieces for row in table.to_pylist()}
    assert sum(map(len, pieces)) == 50
    for row in pq.read_table(local).to_pylist():
        assert found[row["id"]].keys() == row.keys()
        assert found[row["id"]]["probability"] == pytest.approx(row["probability"], abs=1e-6)
        assert found[row["id"]]["text"] == row["text"]


def test_a_second_call_goes_on_with_what_is_missing(source):
    own, found = predictor(), shards_of(source_files("*/a.parquet", base=source))
    with job(source / "out", own, found) as opened:
        scored(own, opened, [0, 2])
        (opened.inside / "123-abc-x.parquet").write_bytes(b"half")
    with job(source / "out", own, found) as opened:
        assert opened.missing == [found[1]]
        assert not list(opened.inside.glob("*.parquet"))
        scored(own, opened)
    with job(source / "out", own, found) as opened:
        assert opened.missing == []


def test_shards_of_another_job_are_left_alone(source):
    own, found = predictor(), shards_of(source_files("*/a.parquet", base=source))
    job(source / "out", own, found).close()
    for other, text in ((predictor(hidden_size=4), "text"), (own, "id")):
        with pytest.raises(UsageError, match="another run, of other reviews or of another column"):
            job(source / "out", other, found, text)
    decoded = shards_of(
        source_files("*/a.parquet", base=source, options=ReadOptions(encoding="cp1252"))
    )
    with pytest.raises(UsageError, match="other reviews"):
        job(source / "out", own, decoded)
    write_parquet(source / "x" / "a.parquet", 36)
    with pytest.raises(UsageError, match="other reviews"):
        job(source / "out", own, found)


def test_a_folder_of_something_else_is_left_alone(source):
    found = shards_of(source_files("*/a.parquet", base=source))
    with pytest.raises(UsageError, match="holds no scored shards"):
        job(source / "x", predictor(), found)
    with pytest.raises(UsageError, match="holds no scored shards"):
        job(source / "x" / "a.parquet", predictor(), found)


def test_two_at_once_do_not_write_one_folder(source):
    own, found = predictor(), shards_of(source_files("*/a.parquet", base=source))
    with job(source / "out", own, found), pytest.raises(EnvironmentFault, match="being written"):
        job(source / "out", own, found)


def test_a_broken_row_is_handed_back_and_its_shard_is_not_there(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n1,fine\nbroken\n", encoding="utf-8")
    own, found = predictor(), shards_of(source_files("a.csv", base=tmp_path))
    with job(tmp_path / "out", own, found) as opened:
        (fault,) = scored(own, opened)
        assert isinstance(fault, DataError)
        assert "a.csv:3" in fault.what
        assert fault.hint
        assert [path.name for path in opened.out.iterdir()] == [FOLDER]
        lenient = replace(reading(opened), on_bad_rows="skip")
        came_to = cluster.score_shard(own, found[0], lenient)
    assert came_to.labels.total() == came_to.skipped.count == 1


def test_objects_that_lack_a_column_get_an_empty_text(tmp_path):
    for name, content in (("a", {"id": "1", "text": "box"}), ("b", {"text": "milk"})):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(content) + "\n", encoding="utf-8")
    found = shards_of(source_files("*.jsonl", base=tmp_path))
    rows = [row for shard in found for row in shard.rows(["id", "text"], Skipped("error"))]
    assert [row.values for row in rows] == [{"id": "1", "text": "box"}, {"id": "", "text": "milk"}]


@pytest.mark.parametrize("spec", ["imdb", "-", "hub:a/b"])
def test_what_is_no_file_has_no_pieces(tmp_path, spec):
    with pytest.raises(DataError, match="neither a file nor a glob"):
        source_files(spec, base=tmp_path)


def test_no_readable_row_at_all_is_a_fault():
    with pytest.raises(DataError, match="no rows"):
        summed([ScoredShard(Counter(), Skipped("skip"))], "skip")


def test_a_last_shard_without_a_row_is_none():
    nothing = summed([ScoredShard(Counter(), Skipped("skip"))], "skip", there=1)
    assert nothing.labels.total() == 0


def test_without_ray_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentFault) as caught:
        require_ray()
    assert "pip install 'sentiment-cli[ray]'" in caught.value.hint
