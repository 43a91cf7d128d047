"""Tokenising: the pass that numbers the words of many texts, beside `re.findall` and a dict.

    python benchmarks/tokenising.py [--reviews 200000] [--words 100]

Both number every word of IMDb's reviews, cut into pieces of `--words` words. They take turns
in one process, on one core. The pieces are repeated until there are `--reviews`. --quick takes
made-up reviews.
"""

from __future__ import annotations

import re
import time
from itertools import cycle, islice

from timing import Spread, options, table, verdict

GOAL = 1.5  # times as fast as `re.findall` and a dict
_BATCH = 4096


def main() -> None:
    """Measure and print the table."""
    parser = options(__doc__, repeats=3)
    parser.add_argument("--reviews", type=int, default=200_000, help="texts (200,000)")
    parser.add_argument("--words", type=int, default=100, help="words per text (100)")
    chosen = parser.parse_args()
    texts = _texts(200 if chosen.quick else chosen.reviews, chosen.words, quick=chosen.quick)
    ours, plain = [], []
    for _ in range(1 if chosen.quick else chosen.repeats):
        ours.append(len(texts) / _seconds(_number, texts))
        plain.append(len(texts) / _seconds(_find_all, texts))
    ratio = Spread.of([a / b for a, b in zip(ours, plain, strict=True)])
    table(
        f"Tokenising {len(texts):,} texts of {chosen.words} words",
        ["figure", "value", "goal"],
        [
            ["words numbered, texts/s", Spread.of(ours).text(",.0f"), ""],
            ["re.findall and a dict, texts/s", Spread.of(plain).text(",.0f"), ""],
            ["ratio", ratio.text(".2f"), verdict(ratio.median, GOAL, at_most=False)],
        ],
    )


def _texts(count: int, words: int, *, quick: bool) -> list[str]:
    from made_up import imdb, reviews

    whole = reviews(50, 3 * words, vocabulary=500) if quick else imdb()
    split = (text.split(" ") for text in whole)
    cut = (
        " ".join(own[start : start + words])
        for own in split
        for start in range(0, len(own) - words + 1, words)
    )
    return list(islice(cycle(cut), count))


def _number(texts: list[str]) -> None:
    from sentiment_cli.reviews.word_numbers import WordNumbers

    numbers = WordNumbers("word", lowercase=True)
    for start in range(0, len(texts), _BATCH):
        numbers(texts[start : start + _BATCH])


def _find_all(texts: list[str]) -> None:
    numbers: dict[str, int] = {}
    for text in texts:
        for word in re.findall(r"\w+|[^\w\s]", text.lower()):
            numbers.setdefault(word, len(numbers))


def _seconds(work: object, texts: list[str]) -> float:
    start = time.perf_counter()
    assert callable(work)
    work(texts)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
