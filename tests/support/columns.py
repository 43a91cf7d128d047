"""Tables of made-up reviews, column by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sentiment_cli.reviews.sources import Row, Source

_WORDS = [
    "kettle",
    "blender",
    "pillow",
    "lamp",
    "jacket",
    "teapot",
    "charger",
    "notebook",
    "kite",
    "drum",
]


def _cycle(*values: str) -> Callable[[int], str]:
    return lambda row: values[row % len(values)]


KINDS: Mapping[str, Callable[[int], str]] = {
    "text": lambda n: f"This {_WORDS[n % 10]} with number {n} did what it had to do, more or less.",
    "title": lambda n: f"A fine {_WORDS[n % 10]} {n}",
    "reply": lambda n: "" if n % 2 else f"Dear customer {n}, thank you for the kind words. " * 4,
    "constant_text": lambda n: "Dear customer, thank you for the kind words. " * 6,
    "product": lambda n: f"{_WORDS[n % 7]} of steel, with a long guarantee, in many colours. " * 3,
    "constant": lambda n: "Acme",
    "few_dates": _cycle("2024-01-02", "2024-01-03", "2024-01-05"),
    "decimal_constant": lambda n: ("8.4", "7.9")[n % 2],
    "id": lambda n: f"{104729 * (n + 7)}",
    "product_id": lambda n: f"B00{n % 9}",
    "url": lambda n: f"https://example.org/reviews/{n:080}",
    "person": lambda n: f"{_WORDS[n % 9].title()} {_WORDS[n % 7].title()}",
    "date": lambda n: f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}",
    "datetime": lambda n: f"2024-{n % 12 + 1:02}-{n % 28 + 1:02} 10:{n % 60:02}:00",
    "count": lambda n: str(n * n % 97),
    "votes": lambda n: str(n * n * n % 1013 if n % 3 else n % 5),
    "version": lambda n: f"{n % 3 + 1}.{n % 10}.2",
    "age": lambda n: str(18 + n * 7 % 60),
    "price": lambda n: f"{n * 31 % 90}.99",
    "share": lambda n: f"0.{n * 7919 % 1000:03}",
    "group": _cycle("toys", "garden", "kitchen"),
    "own": _cycle("ham", "spam"),
    "own_prediction": _cycle("negative", "positive"),
    "pair": _cycle("current", "former"),
    "polar": _cycle("neg", "pos"),
    "polar3": _cycle("negative", "neutral", "positive"),
    "rotten": _cycle("rotten", "fresh"),
    "flag": _cycle("0", "1", "1"),
    "yes_no": _cycle("no", "yes", "yes"),
    "ja_nein": _cycle("nein", "ja"),
    "oui_non": _cycle("non", "oui"),
    "y_n": _cycle("N", "Y"),
    "true_false": _cycle("False", "True"),
    "zero_or_four": _cycle("0", "4"),
    "zero_four": _cycle(*"01234"),
    "three_numbers": _cycle("-1", "0", "1"),
    "stars": _cycle(*"12345"),
    "ten": _cycle(*map(str, range(1, 11))),
    "nps": _cycle(*map(str, range(11))),
    "decimal10": lambda n: f"{2.5 + n * 17 % 76 / 10:.1f}",
    "percent": _cycle("20%", "40%", "80%", "100%"),
    "von5": _cycle(*(f"{n},0 von 5 Sternen" for n in range(1, 6))),
    "sur5": _cycle(*(f"{n},0 sur 5 étoiles" for n in range(1, 6))),
    "mixed": _cycle("4/5", "B+", "1/10", "2/5"),
    "letters": _cycle("A", "B-", "C+", "D", "F"),
    "likert": _cycle("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"),
}
"""Value by number of the row, per kind of column."""


def table(columns: Mapping[str, str], rows: int = 60) -> Source:
    """Return a source of rows.

    Args:
        columns: Kind per name of a column.
        rows: Number of rows.
    """

    def read(_):
        for n in range(rows):
            yield Row({name: KINDS[kind](n) for name, kind in columns.items()}, "t.csv:", n + 2)

    return Source("t.csv", list(columns), read, lambda: "", "error")
