"""Files of other kinds: JSON tables, fastText, Excel, Arrow, archives, folders, encodings."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from sentiment_cli.errors import DataError, EnvironmentFault
from sentiment_cli.reviews.sources import Source, files, json_files, open_source

Make = Callable[..., Source]

ROWS = [{"text": f"fine {n}", "stars": str(n % 5 + 1)} for n in range(12)]
CSV = "text,stars\n" + "".join(f"{row['text']},{row['stars']}\n" for row in ROWS)
FRAME = pd.DataFrame(ROWS)


def values(source: Source) -> list[dict[str, str]]:
    return [dict(row.values) for row in source.rows()]


def keyed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index(pd.Index([f"r{n}" for n in range(len(frame))]))


JSON = {
    "a list within an object": json.dumps({"count": 12, "data": ROWS}),
    "a list one level deeper": json.dumps({"response": {"reviews": ROWS}, "ok": True}, indent=1),
    "a dict of lists": FRAME.to_json(orient="columns") and json.dumps(FRAME.to_dict("list")),
    "records": FRAME.to_json(orient="records", indent=2),
    "columns": FRAME.to_json(orient="columns"),
    "columns of named rows": keyed(FRAME).to_json(orient="columns"),
    "index": FRAME.to_json(orient="index"),
    "index of named rows": keyed(FRAME).to_json(orient="index"),
    "split": FRAME.to_json(orient="split"),
    "pretty-printed objects": "\n".join(json.dumps(row, indent=2) for row in ROWS),
    "concatenated objects": "".join(map(json.dumps, ROWS)),
    "objects with commas between": ",\n".join(map(json.dumps, ROWS)),
    "lines with carriage returns": "\r\n".join(map(json.dumps, ROWS)),
}


@pytest.mark.parametrize("content", JSON.values(), ids=JSON)
def test_json_table_is_read_row_by_row(make: Make, content: str) -> None:
    assert values(make("a.json", content)) == ROWS


@pytest.mark.parametrize("ending", ["jsonl", "ndjson", "jsonlines"])
def test_json_lines_have_three_endings(make: Make, ending: str) -> None:
    source = make(f"a.{ending}", "\n".join(map(json.dumps, ROWS)))
    assert (values(source), source.notes) == (ROWS, [])


def test_other_keys_beside_a_list_are_noted(make: Make) -> None:
    source = make("a.json", json.dumps({"train": ROWS, "test": ROWS[:1], "version": 1}))
    assert values(source) == ROWS
    assert source.notes == ["the rows are the list under 'train'; not read: 'test', 'version'"]


def test_nested_objects_become_dotted_columns(make: Make) -> None:
    source = make("a.jsonl", '{"review": {"text": "a", "by": {"id": 1}}, "tags": ["x"], "e": {}}\n')
    assert values(source) == [{"review.text": "a", "review.by.id": "1", "tags": '["x"]', "e": "{}"}]


def test_one_object_alone_is_one_row(make: Make) -> None:
    source = make("a.json", '{\n"text": "a",\n"by": {"id": 1}\n}')
    assert [row.place for row in source.rows()] == ["a.json:1"]


def test_nan_in_json_stays_a_text(make: Make) -> None:
    assert values(make("a.jsonl", '{"text": "a", "stars": NaN}\n'))[0]["stars"] == "NaN"


def test_key_that_comes_after_the_sample_is_noted(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_files, "_ROWS_FOR_COLUMNS", 2)
    source = make("a.jsonl", '{"a": 1}\n{"a": 2}\n{"a": 3, "b": 4}\n')
    assert values(source)[2] == {"a": "3", "b": "4"}
    assert source.columns == ["a"]
    assert "values under 'b', which is no column" in source.notes[0]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('{"text": ["a", "b"], "stars": [1]}', "lists have different lengths"),
        ('{"a": 1}{"a": 2', "a.json:1: Expecting"),
        ('{"a.b": 1, "a": {"b": 2}}', "the key 'a.b' twice"),
    ],
)
def test_json_that_is_no_table_is_an_error(make: Make, content: str, what: str) -> None:
    with pytest.raises(DataError, match=what):
        list(make("a.json", content).rows())


def test_fasttext_lines_have_a_label_and_a_text(make: Make) -> None:
    source = make("a.txt", "__label__pos Fine, really.\n\n__label__neg\tNot so.\n")
    assert values(source) == [
        {"label": "pos", "text": "Fine, really."},
        {"label": "neg", "text": "Not so."},
    ]
    assert [row.place for row in source.rows()] == ["a.txt:1", "a.txt:3"]


def test_several_fasttext_labels_are_joined_and_noted(make: Make) -> None:
    source = make("a.txt", "__label__a one\n__label__a __label__b two\nthree\n")
    assert [row["label"] for row in values(source)] == ["a", "a,b", ""]
    assert source.notes[1] == "lines with several labels, joined by commas: 1, first at a.txt:2"


def test_text_file_has_a_text_per_line(make: Make) -> None:
    source = make("a.txt", 'Fine, "really".\r\n\r\nNot so.\n')
    assert values(source) == [{"text": 'Fine, "really".'}, {"text": "Not so."}]


def test_text_file_with_tabs_in_each_line_is_a_table(make: Make) -> None:
    assert values(make("a.txt", CSV.replace(",", "\t"))) == ROWS


def zstd(content: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as packed:
        packed.write(content)
    return out.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("ending", "pack"),
    [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress), ("zst", zstd)],
)
@pytest.mark.parametrize("damage", [0, 20])
def test_packed_file_is_unpacked_or_told_damaged(
    make: Make, ending: str, pack: Callable[[bytes], bytes], damage: int
) -> None:
    packed = pack(CSV.encode())
    if not damage:
        assert values(make(f"a.csv.{ending}", packed)) == ROWS
    else:
        with pytest.raises(DataError, match=r"cannot unpack a\.csv"):
            list(make(f"a.csv.{ending}", packed[:-damage]).rows())


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_file_stops_where_no_reviews_would_unpack_to(
    make: Make, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(files, "UNPACKED_FREE", 1 << 20)
    with pytest.raises(DataError, match="unpacks to more than"):
        list(make("a.csv.gz", pack(b"text\n" + b"good\n" * (1 << 20))).rows())


def archive(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "."), content)
    return out.getvalue()


def test_zip_with_one_file_is_read_by_the_name_in_it(make: Make) -> None:
    assert values(make("a.zip", archive(b__csv=CSV))) == ROWS
    assert values(make("a.csv.zip", archive(c__jsonl="\n".join(map(json.dumps, ROWS))))) == ROWS


def test_zip_with_several_files_lists_them(make: Make) -> None:
    with pytest.raises(DataError, match=r"holds 2 files, expected one: b\.csv, c\.csv") as caught:
        make("a.zip", archive(b__csv=CSV, c__csv=CSV))
    assert caught.value.hint == "unpack it and name one of them: unzip a.zip"


@pytest.mark.parametrize("name", ["a.zip", "a.xlsx"])
def test_archive_with_a_password_is_an_error(make: Make, name: str) -> None:
    if name == "a.xlsx":
        pytest.importorskip("python_calamine")
    content = bytearray(archive(b__csv=CSV))
    for header, flags in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        content[content.index(header) + flags] |= 1
    with pytest.raises(DataError, match=r"password required"):
        make(name, bytes(content))


def test_zip_bomb_stops(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "UNPACKED_FREE", 1 << 20)
    with pytest.raises(DataError, match="unpacks to more than"):
        list(make("a.zip", archive(b__csv="text\n" + "good\n" * (1 << 20))).rows())


def test_workbook_under_another_name_is_told(make: Make) -> None:
    with pytest.raises(DataError, match="is a zip file or an Excel workbook") as caught:
        make("a.csv", archive(b__csv=CSV))
    assert "its name must end in .zip or .xlsx" in (caught.value.hint or "")


def workbook(*sheets: list[list[Any]], content: dict[str, str] | None = None) -> bytes:
    """A minimal .xlsx file."""
    namespace = "http://schemas.openxmlformats.org"
    main = f'xmlns="{namespace}/spreadsheetml/2006/main"'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{namespace}/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{namespace}/package/2006/relationships">'
        f'<Relationship Id="r0" Type="{namespace}/officeDocument/2006/relationships/'
        'officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f"<workbook {main} xmlns:r="
        f'"{namespace}/officeDocument/2006/relationships"><sheets>'
        + "".join(
            f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, len(sheets) + 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{namespace}/package/2006/'
        'relationships">'
        + "".join(
            f'<Relationship Id="r{n}" Type="{namespace}/officeDocument/2006/relationships/'
            f'worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        + "</Relationships>",
    }
    for number, rows in enumerate(sheets, 1):
        cells = "".join(
            f'<row r="{r}">'
            + "".join(
                f'<c r="{chr(65 + c)}{r}"><v>{cell}</v></c>'
                if isinstance(cell, int | float)
                else f'<c r="{chr(65 + c)}{r}" t="inlineStr"><is><t>{cell}</t></is></c>'
                for c, cell in enumerate(row)
                if cell is not None
            )
            + "</row>"
            for r, row in enumerate(rows, 1)
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f"<worksheet {main}><sheetData>{cells}</sheetData></worksheet>"
        )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in {**parts, **(content or {})}.items():
            packed.writestr(name, part)
    return out.getvalue()


def test_first_sheet_with_rows_is_read(make: Make) -> None:
    pytest.importorskip("python_calamine")
    rows = [["Export"], [], ["text", "stars", "day"], *(["fine", n, 1.5] for n in range(5))]
    source = make("a.xlsx", workbook([], rows, [["other"]]))
    assert source.columns == ["text", "stars", "day"]
    assert values(source)[1] == {"text": "fine", "stars": "1", "day": "1.5"}
    assert next(source.rows()).place == "a.xlsx row 4"
    assert source.notes == [
        "read the sheet 'S2'; not read: 'S3'",
        "lines above the column names, not read: 1, such as 'Export'",
    ]


@pytest.mark.parametrize("content", [b"PK", workbook([["text"]])[:-30], archive(a__xml="x")])
def test_damaged_workbook_is_an_error(make: Make, content: bytes) -> None:
    pytest.importorskip("python_calamine")
    with pytest.raises(DataError, match="is not a whole Excel workbook"):
        make("a.xlsx", content)


def test_workbook_that_would_unpack_to_too_much_is_refused(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("python_calamine")
    monkeypatch.setattr(files, "UNPACKED_FREE", 1 << 20)
    with pytest.raises(DataError, match="unpacks to more than"):
        make("a.xlsx", workbook([["text"], ["a"]], content={"big": "x" * (1 << 24)}))


def test_workbook_without_the_extra_names_it(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(EnvironmentFault, match="python-calamine is not installed") as caught:
        make("a.xlsx", b"PK")
    assert "pip install 'sentiment-cli[excel]'" in (caught.value.hint or "")


@pytest.mark.parametrize("ending", ["arrow", "feather"])
@pytest.mark.parametrize("kind", ["file", "stream"])
def test_arrow_is_read_in_both_formats(make: Make, ending: str, kind: str) -> None:
    table = pa.Table.from_pylist(ROWS)
    out = io.BytesIO()
    if kind == "file":
        pyarrow.feather.write_feather(table, out)
    else:
        with pa.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table)
    assert values(make(f"a.{ending}", out.getvalue())) == ROWS
    assert values(make(f"a.{ending}.gz", gzip.compress(out.getvalue()))) == ROWS
    with pytest.raises(DataError, match="is not a whole Arrow or Feather file"):
        list(make(f"a.{ending}", out.getvalue()[:-100]).rows())


def test_arrow_column_whose_name_is_not_utf8_is_an_error(make: Make) -> None:
    out = io.BytesIO()
    pyarrow.feather.write_feather(pa.table({"text": ["a"]}), out, compression="uncompressed")
    with pytest.raises(DataError, match="is not a whole Arrow"):
        make("a.feather", out.getvalue().replace(b"text", b"te\xffxt"[:3] + b"t"))


def test_nested_parquet_columns_become_dotted(make: Make) -> None:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([{"review": {"text": "a", "by": {"id": 1}}}]), out)
    assert values(make("a.parquet", out.getvalue())) == [{"review.text": "a", "review.by.id": "1"}]


def folder(path: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        path.joinpath(name).write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize(
    "files",
    [
        {"part-00000-x-c000.csv": CSV, "part-00001-x-c000.csv": CSV},
        {"part-0.csv.gz": gzip.compress(CSV.encode()), "part-1.csv": CSV, "part-2.csv": ""},
        {"part-00000": CSV, "part-00001": CSV, "part-00002": ""},
        {"part-0": "\n".join(map(json.dumps, ROWS)), "b.jsonl": "\n".join(map(json.dumps, ROWS))},
    ],
)
def test_folder_of_files_is_one_source(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    folder(tmp_path / "out", {**files, "_SUCCESS": "", ".part-0.crc": "x", "_metadata": "x"})
    assert values(open_source("out", base=tmp_path)) == ROWS * 2


def test_other_files_in_a_folder_are_noted(tmp_path: Path) -> None:
    folder(tmp_path / "d", {"a.csv": CSV, "README.md": "x", "notes.txt": "x", "sub/b.csv": CSV})
    source = open_source("d", base=tmp_path)
    assert values(source) == ROWS
    assert source.notes == ["in the folder, but not read: README.md, notes.txt, sub/"]


UNREADABLE: dict[str, Callable[[Path], object]] = {
    "a.pkl": lambda path: path.write_bytes(pickle.dumps(FRAME)),
    "it's.pickle": lambda path: path.write_bytes(pickle.dumps(FRAME)),
    "a.dta": lambda path: FRAME.to_stata(path, write_index=False),
    "a.orc": lambda path: FRAME.to_orc(path),
    "a.db": lambda path: FRAME.to_sql("the reviews", sqlite3.connect(path), index=False),
    "a.sqlite": lambda path: FRAME.to_sql("reviews", sqlite3.connect(path), index=False),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_hint_for_an_unreadable_kind_converts_it_as_typed(tmp_path: Path, name: str) -> None:
    UNREADABLE[name](tmp_path / name)
    with pytest.raises(DataError, match="are not read") as caught:
        open_source(name, base=tmp_path)
    command = (caught.value.hint or "").partition("convert it: ")[2]
    assert command.startswith("python -c ")
    command = command.replace("python", sys.executable, 1)
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    table = values(open_source(f"{name.partition('.')[0]}.csv", base=tmp_path))
    assert [row["text"] for row in table] == [row["text"] for row in ROWS]


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("a b.docx", "libreoffice --headless --convert-to txt:Text 'a b.docx'"),
        ("a.pdf", "pdftotext a.pdf"),
        ("a.tar.gz", "tar -xf a.tar.gz"),
        ("a.xls", "python -c 'import pandas"),
    ],
)
def test_hint_for_an_unreadable_kind_names_a_tool(tmp_path: Path, name: str, command: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(DataError) as caught:
        open_source(name, base=tmp_path)
    assert command in (caught.value.hint or "")


SENTENCES = {
    "cp1252": "Très déçu : la qualité n’est pas là, c’était mieux à l’époque",
    "cp1250": "Bardzo dobry produkt, świetna jakość i łatwa obsługa, polecam każdemu",
    "cp1251": "Очень плохой товар, не покупайте его никогда",
    "cp1253": "Πολύ καλό προϊόν, το συνιστώ σε όλους",
    "cp1254": "Çok güzel bir ürün, şiddetle tavsiye ediyorum, kırıldığı için değil",
    "koi8_r": "Очень плохой товар, не покупайте его никогда",
    "gb18030": "这个产品非常好,我很喜欢,质量不错,物流也很快",
    "big5": "這個產品非常好,我很喜歡,品質不錯,物流也很快",
    "shift_jis": "この商品はとても良いです。また買いたいと思います",
    "euc_jp": "この商品はとても良いです。また買いたいと思います",
    "euc_kr": "이 제품은 정말 좋습니다 배송도 빠르고 만족합니다",
    "utf-16-le": "No mark at the beginning of this text",
    "utf-16-be": "No mark at the beginning of this text",
}


@pytest.mark.parametrize(("encoding", "sentence"), SENTENCES.items())
def test_hint_names_an_encoding_that_reads_the_whole_file(
    make: Make, encoding: str, sentence: str
) -> None:
    content = ("text;stars\n" + f"{sentence};1\n" * 9).encode(encoding)
    with pytest.raises(DataError) as caught:
        list(make("a.csv", content).rows())
    setting = (caught.value.hint or "").rpartition("--set ")[2]
    assert setting == f"data.encoding={encoding}"
    assert values(make("a.csv", content, encoding=encoding))[0]["text"] == sentence


def test_encoding_that_fits_not_all_bytes_is_not_proposed(make: Make) -> None:
    content = b"text\n" + "déjà vu\n".encode("cp1252") * 9000 + b"\x81\x8d\n"
    with pytest.raises(DataError) as caught:
        list(make("a.csv", content).rows())
    assert "cp1252" not in (caught.value.hint or "")


def test_wrong_bytes_in_utf8_are_replaced_on_request(make: Make) -> None:
    content = ("text\n" + "café\n" * 9).encode() + b"caf\xe9 noir\nna\xefve\n"
    with pytest.raises(DataError, match=r"a\.csv:11: byte e9 is not utf-8") as caught:
        list(make("a.csv", content).rows())
    assert "--set data.encoding_errors=replace" in (caught.value.hint or "")
    source = make("a.csv", content, encoding_errors="replace")
    assert [row["text"] for row in values(source)][-2:] == ["caf\ufffd noir", "na\ufffdve"]
    assert source.notes == ["wrong bytes, replaced: 2, first at a.csv:11"]


@pytest.mark.parametrize("ending", ["csv", "tsv", "txt"])
@pytest.mark.parametrize("content", ["\n".join(map(json.dumps, ROWS)), json.dumps(ROWS, indent=1)])
def test_json_under_the_name_of_a_table_is_read_as_json(
    make: Make, ending: str, content: str
) -> None:
    assert values(make(f"a.{ending}", content)) == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_file_with_a_header_whose_rows_agree_is_a_table(make: Make, delimiter: str) -> None:
    rows = "".join(f'"so{delimiter} fine{n}"{delimiter}{n % 5}\n' for n in range(9))
    source = make("a.txt", f"review_text{delimiter}stars\n{rows}")
    assert source.columns == ["review_text", "stars"]
    assert values(source)[1] == {"review_text": f"so{delimiter} fine1", "stars": "1"}


@pytest.mark.parametrize(
    "lines",
    [
        ["Fine, really.", "Well, no.", "Good, yes."] * 4,
        ["Fine, really", "Well, no", "Good, yes", "Oh, dear", "So, so"],
        ["Fine", "Well", "Good", "So"],
        ["nice,cheap", "Well, no, never", "Good"],
    ],
)
def test_text_file_of_sentences_has_a_text_per_line(make: Make, lines: list[str]) -> None:
    assert [row["text"] for row in values(make("a.txt", "\n".join(lines)))] == lines


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_recognised_in_another_script(make: Make, encoding: str) -> None:
    with pytest.raises(DataError, match="NUL bytes as in UTF-16") as caught:
        make("a.csv", ("отзыв;оценка\n" + "Очень плохо;1\n" * 9).encode(encoding))
    assert f"data.encoding={encoding}" in (caught.value.hint or "")
