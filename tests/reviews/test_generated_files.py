"""Files of any dialect, spelling of the labels and names of the columns are read as meant."""

from __future__ import annotations

import csv
import io
import json
import random

import pytest
from support.columns import KINDS

from sentiment_cli.reviews.quality import read_columns
from sentiment_cli.reviews.sources import open_source

FILES = 150

# Names of the text and the label columns
NAMES = [
    ("text", "label"), ("review_text", "stars"), ("Kommentar", "Sterne"), ("avis", "note"),
    ("reseña", "puntuación"), ("reviewText", "overallRating"), ("comment", "customer_score"),
    ("отзыв", "оценка"), ("评论", "评分"), ("レビュー", "評価"), ("content", "sentiment"),
    ("Review Body", "Rating"), ("message", "target"), ("opinia", "ocena"), ("body", "review_grade"),
]  # fmt: skip

# Labels that mean negative, nothing, and positive
SPELLINGS = [
    ("12", "3", "45"),
    (["1.0", "2.0"], ["3.0"], ["4.0", "5.0"]),
    (["1,0 von 5 Sternen"], ["3,0 von 5 Sternen"], ["5,0 von 5 Sternen"]),
    (["Rated 1 out of 5 stars"], [], ["Rated 4 out of 5 stars"]),
    (["★☆☆☆☆", "★★☆☆☆"], ["★★★☆☆"], ["★★★★☆"]),
    (["⭐️", "⭐️⭐️"], ["⭐️⭐️⭐️"], ["⭐️⭐️⭐️⭐️", "⭐️⭐️⭐️⭐️⭐️"]),
    (["1/10", "4/10"], ["5/10"], ["7/10", "10/10"]),
    (["2/5", "10%"], ["50%"], ["4/5", "90%", "8/10"]),
    (["negative"], [], ["positive"]),
    (["NEG"], [], ["POS"]),
    (["négatif"], [], ["positif"]),
    (["负面"], [], ["正面"]),
    (["terrible", "poor"], ["average"], ["good", "excellent"]),
    (["sehr schlecht", "schlecht"], ["mittel"], ["gut", "sehr gut"]),
    (["0"], [], ["1"]),
    (["-1"], [], ["1"]),
    (["false"], [], ["true"]),
    (["no"], [], ["yes"]),
    (["👎"], [], ["👍"]),
    (["not recommended"], [], ["recommended"]),
]  # fmt: skip

OTHERS = {
    "id": "id", "date": "date", "helpful_votes": "votes", "user name": "person", "url": "url",
    "verified": "yes_no", "title": "title", "product_id": "product_id", "country": "group",
    "shop": "constant", "owner_reply": "reply",
}  # fmt: skip

_MARKS = ["", "NaN", "N/A", "null", "-"]


def noisy(label, rng):
    """Spell a label as careless people do."""
    label = rng.choice(
        [label, label, label, label.upper(), label.title(), f"{label} ", f" {label}"]
    )
    return label if rng.random() < 0.9 else f"\N{ZERO WIDTH SPACE}{label}\N{NO-BREAK SPACE}"


def generated(seed):
    """Return names of the columns, rows, and the meaning per row."""
    rng = random.Random(seed)
    text, label = NAMES[seed % len(NAMES)]
    low, middle, high = SPELLINGS[(seed // len(NAMES) + seed) % len(SPELLINGS)]
    meanings = {"negative": [*low], "positive": [*high], **({None: [*middle]} if middle else {})}
    others = rng.sample(sorted(OTHERS), rng.randrange(5))
    columns = [text, label, *others]
    rng.shuffle(columns)
    rows, meant = [], []
    for number in range(80):
        meaning = rng.choice([*meanings])
        value = noisy(rng.choice(meanings[meaning]), rng)
        if rng.random() < 0.05:
            meaning, value = None, rng.choice(_MARKS)
        cells = {name: KINDS[OTHERS[name]](number) for name in others}
        cells |= {text: KINDS["text"](number), label: value}
        rows.append([cells[name] for name in columns])
        meant.append(meaning)
    return rng, (text, label), columns, rows, meant


def written(folder, rng, columns, rows):
    """Write rows in a dialect that chance chooses."""
    kind = rng.choice([",", ",", ";", "\t", "jsonl"])
    if kind == "jsonl":
        path = folder / "reviews.jsonl"
        lines = (json.dumps(dict(zip(columns, row, strict=True))) for row in rows)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=kind,
        quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
        if kind == ","
        else csv.QUOTE_MINIMAL,
        lineterminator=rng.choice(["\n", "\r\n"]),
    )
    writer.writerows([columns, *rows])
    path = folder / f"reviews.{'tsv' if kind == chr(9) else 'csv'}"
    path.write_bytes(out.getvalue().encode(rng.choice(["utf-8", "utf-8-sig", "utf-16"])))
    return path


@pytest.mark.parametrize("seed", range(FILES))
def test_a_generated_file_is_read_as_meant(tmp_path, seed):
    rng, (text, label), columns, rows, meant = generated(seed)
    source = open_source(str(written(tmp_path, rng, columns, rows)), base=tmp_path)
    found = read_columns(source)
    assert (found.text.name, found.label and found.label.name) == (text, label)
    assert found.reading is not None
    at = columns.index(label)
    assert [found.reading.classes.get(row[at]) for row in rows] == meant
    skipped = sum(skip.rows for skip in found.reading.skips)
    assert skipped == meant.count(None)
