"""What a person may name as a source, and what is said when nothing is there."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import pytest

from sentiment_cli.errors import DataError, EnvironmentFault
from sentiment_cli.reviews.sources import ReadOptions, Source, open_source, require_columns


def texts(source: Source) -> list[str]:
    return [row.values["text"] for row in source.rows()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three files of like columns."""
    (tmp_path / "b.csv").write_text("text,label\nb,1\n")
    (tmp_path / "a.csv").write_text("text,label\na,0\n")
    (tmp_path / "c.jsonl").write_text('{"label": 1, "text": "c"}\n')
    return tmp_path


def test_several_files_are_read_in_the_order_given(folder: Path) -> None:
    source = open_source(["b.csv", "c.jsonl", "a.csv"], base=folder)
    assert texts(source) == ["b", "c", "a"]
    assert source.columns == ["text", "label"]
    assert source.name == "b.csv, c.jsonl, a.csv"
    assert [row.place for row in source.rows()] == ["b.csv:2", "c.jsonl:1", "a.csv:2"]


def test_a_glob_is_read_in_the_order_of_names(folder: Path) -> None:
    source = open_source("*.csv", base=folder)
    assert texts(source) == ["a", "b"]
    assert [row.place for row in source.rows()] == ["a.csv:2", "b.csv:2"]


def test_a_glob_reaches_into_folders_and_takes_an_absolute_path(folder: Path) -> None:
    (folder / "x" / "y").mkdir(parents=True)
    (folder / "x" / "y" / "d.csv").write_text("text,label\nd,1\n")
    assert texts(open_source("**/*.csv", base=folder)) == ["a", "b", "d"]
    assert texts(open_source(f"{folder}/?.csv", base=Path("/"))) == ["a", "b"]


def test_a_file_goes_before_a_glob(folder: Path) -> None:
    (folder / "[ab].csv").write_text("text,label\nitself,1\n")
    assert texts(open_source("[ab].csv", base=folder)) == ["itself"]


def test_the_order_of_files_is_part_of_the_fingerprint(folder: Path) -> None:
    prints = {
        open_source(names, base=folder).fingerprint()
        for names in (["a.csv", "b.csv"], ["b.csv", "a.csv"], ["a.csv"], "[ab].csv")
    }
    assert len(prints) == 3


def test_broken_rows_of_all_files_are_counted(folder: Path) -> None:
    for name in "ab":
        with (folder / f"{name}.csv").open("a") as file:
            file.write("x\n")
    source = open_source("*.csv", base=folder, options=ReadOptions(on_bad_rows="skip"))
    assert texts(source) == ["a", "b"]
    assert source.skipped.places == ["a.csv:3", "b.csv:3"]


def test_files_read_as_one_have_the_same_columns(folder: Path) -> None:
    (folder / "d.csv").write_text("text,stars\nd,1\n")
    with pytest.raises(DataError, match=r"a\.csv has no column 'stars', which d\.csv has"):
        open_source("*.csv", base=folder)


def test_json_objects_may_leave_out_a_column_of_another_file(folder: Path) -> None:
    (folder / "d.jsonl").write_text('{"text": "d"}\n')
    source = open_source(["a.csv", "d.jsonl"], base=folder)
    assert [dict(row.values) for row in source.rows()][1] == {"text": "d", "label": ""}


def test_a_path_is_read_from_the_base_or_from_home(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    assert texts(open_source("~/a.csv", base=Path("/nowhere"))) == ["a"]
    assert texts(open_source("~/?.csv", base=Path("/nowhere"))) == ["a", "b"]
    assert texts(open_source(str(folder / "a.csv"), base=Path("/nowhere"))) == ["a"]


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("aa.csv", "did you mean a.csv?"),
        ("imbd", "did you mean imdb?"),
        ("gone.csv", "it is a link to a file that does not exist"),
        ("sub/c.jsnl", "did you mean sub/c.jsonl?"),
        ("stanfordnlp/imdb", "hub:stanfordnlp/imdb"),
        ("*.parquet", "a source is imdb, cereal, a file"),
        ("", "a source is imdb, cereal, a file"),
        ([], "a source is imdb, cereal, a file"),
    ],
)
def test_a_source_that_is_not_there(folder: Path, spec: str | list[str], hint: str) -> None:
    (folder / "sub").mkdir()
    (folder / "gone.csv").symlink_to("nowhere.csv")
    (folder / "sub" / "c.jsonl").touch()
    with pytest.raises(DataError) as caught:
        open_source(spec, base=folder)
    assert hint in (caught.value.hint or "")


def test_a_text_in_place_of_a_source_is_no_bug(tmp_path: Path) -> None:
    with pytest.raises((DataError, EnvironmentFault)) as caught:
        open_source("What a lovely cereal! " * 100, base=tmp_path)
    assert len(caught.value.what) < 300


def test_an_unknown_ending(tmp_path: Path) -> None:
    (tmp_path / "reviews.tex").touch()
    with pytest.raises(DataError, match=r"reviews\.tex: files that end in \.tex are") as caught:
        open_source("reviews.tex", base=tmp_path)
    assert ".csv .tsv .jsonl" in (caught.value.hint or "")


def test_an_ending_may_be_in_capitals(tmp_path: Path) -> None:
    (tmp_path / "A.CSV.GZ").write_bytes(gzip.compress(b"text\na\n"))
    assert texts(open_source("A.CSV.GZ", base=tmp_path)) == ["a"]


def test_a_file_that_is_closed_to_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.csv").write_text("text\na\n")
    monkeypatch.setattr("sentiment_cli.reviews.sources.files._plain", closed)
    with pytest.raises(EnvironmentFault, match=r"cannot read a\.csv: Permission denied"):
        open_source("a.csv", base=tmp_path)


def reviews(folder: Path, names: dict[str, str]) -> None:
    for name, text in names.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")


def test_a_folder_of_classes(tmp_path: Path) -> None:
    reviews(
        tmp_path / "train",
        {
            "pos/1_9.txt": "good\r\nindeed",
            "pos/0_7.txt": "",
            "neg/0_1.txt": "\ufeffbad",
            "neg/notes.md": "not a review",
            "unsup/0_0.txt": "unknown",
            "urls_pos.txt": "not a review",
        },
    )
    source = open_source("train/", base=tmp_path)
    assert source.columns == ["text", "label"]
    assert [(*row.values.values(), row.place) for row in source.rows()] == [
        ("bad", "neg", "train/neg/0_1.txt:1"),
        ("", "pos", "train/pos/0_7.txt:1"),
        ("good\r\nindeed", "pos", "train/pos/1_9.txt:1"),
    ]


def test_a_text_that_is_moved_to_another_class_changes_the_fingerprint(tmp_path: Path) -> None:
    reviews(tmp_path, {"d/pos/1.txt": "a", "d/pos/2.txt": "b", "d/neg/1.txt": "c"})
    before = open_source("d", base=tmp_path).fingerprint()
    assert open_source("d", base=tmp_path).fingerprint() == before
    (tmp_path / "d/pos/2.txt").rename(tmp_path / "d/neg/2.txt")
    assert open_source("d", base=tmp_path).fingerprint() != before


def test_a_binary_file_among_texts_is_a_bad_row(tmp_path: Path) -> None:
    reviews(tmp_path, {"d/pos/1.txt": "a", "d/neg/1.txt": "one \0 byte"})
    with pytest.raises(DataError, match=r"d/neg/1\.txt: a NUL byte"):
        list(open_source("d", base=tmp_path).rows())
    source = open_source("d", base=tmp_path, options=ReadOptions(on_bad_rows="skip"))
    assert texts(source) == ["a"]
    assert source.skipped.places == ["d/neg/1.txt"]


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        ({"train/pos/1.txt": "", "test/pos/1.txt": ""}, "d/train"),
        ({"a.csv": ""}, "a source is imdb"),
        ({"note.md": "text"}, "a source is imdb"),
    ],
)
def test_a_folder_without_texts(tmp_path: Path, names: dict[str, str], hint: str) -> None:
    reviews(tmp_path / "d", names)
    with pytest.raises(DataError, match="d holds no files of reviews") as caught:
        open_source("d", base=tmp_path)
    assert hint in (caught.value.hint or "")


def pipe(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.mark.parametrize(
    "content",
    [
        b"text,label\na,1\nb,0\n",
        b"text;label\na;1\nb;0\n",
        b'\n{"text": "a"}\n{"text": "b"}\n',
        b'[{"text": "a"}, {"text": "b"}]',
        gzip.compress(b"text\na\nb\n", mtime=0),
    ],
)
def test_stdin_is_csv_or_json_and_can_be_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    pipe(monkeypatch, content)
    source = open_source("-", base=tmp_path)
    assert texts(source) == texts(source) == ["a", "b"]
    assert next(source.rows()).place.startswith("stdin:")
    assert source.name == "-"


def test_the_copy_of_stdin_goes_with_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pipe(monkeypatch, b"text\na\n")
    source = open_source("-", base=tmp_path)
    assert texts(source) == ["a"]
    assert len(list(tmp_path.iterdir())) == 1
    del source
    assert not list(tmp_path.iterdir())


def test_nothing_from_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pipe(monkeypatch, b"")
    with pytest.raises(DataError, match="stdin is empty"):
        open_source("-", base=tmp_path)
    assert not list(tmp_path.iterdir())


def test_columns_that_are_there(folder: Path) -> None:
    require_columns(open_source("a.csv", base=folder), "text", "label")
    require_columns(open_source("a.csv", base=folder), "label", None)


@pytest.mark.parametrize(
    ("header", "text", "label", "what", "hint"),
    [
        (
            "Text,score",
            "text",
            "score",
            r"no column 'text' \(data.text_column\).*'Text', 'score'",
            "--set data.text_column=Text?",
        ),
        (
            "text,sentiment",
            "text",
            "sentimnt",
            r"\(data.label_column\)",
            "--set data.label_column=sentiment?",
        ),
        ("body,stars", "text", "stars", r"'body', 'stars'", "such as --set data.text_column=body"),
        ("text,label", "text", "text", "are both 'text'", "--set data.label_column=label"),
    ],
)
def test_columns_that_are_not(
    tmp_path: Path, header: str, text: str, label: str, what: str, hint: str
) -> None:
    (tmp_path / "a.csv").write_text(f"{header}\n")
    with pytest.raises(DataError, match=what) as caught:
        require_columns(open_source("a.csv", base=tmp_path), text, label)
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("Text b,label", "did you mean --text-column 'Text b'?"),
        ("body,label", "of them, such as --text-column body"),
    ],
)
def test_the_option_that_names_a_column(tmp_path: Path, header: str, hint: str) -> None:
    (tmp_path / "a.csv").write_text(f"{header}\n")
    with pytest.raises(DataError) as caught:
        require_columns(
            open_source("a.csv", base=tmp_path),
            "text_b",
            "label",
            {"data.text_column": "--text-column"},
        )
    assert hint in (caught.value.hint or "")
