"""What the labels of a column mean: negative and positive, ratings, yes and no, or own classes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.column_names import Says, label_name
from sentiment_cli.reviews.ratings import Rating, read_rating
from sentiment_cli.reviews.sources.source import short
from sentiment_cli.reviews.spelling import cleaned, is_missing, listed, normalised, spellings
from sentiment_cli.reviews.words import WORDS, plain, plain_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_CLASSES = 50
MAX_VALUES = 1000
"""Number of different labels of a column that are counted; more are not labels."""

Kind = Literal["polar", "rating", "mixed", "pair", "flags", "own", "given"]

MIN_SHARE = 0.95
"""Share of the rows with a label that must fit a scheme; the others are skipped."""

_EXAMPLES = 5
_MIDDLE, _UNRATED, _MISSING = "in the middle of the scale", "0 means unrated", "without a label"
_OTHER, _UNKNOWN = "not on this scale", "the label has no class"


def _phrase(key: str) -> str:
    """Return the words of a key, without numbers and signs: "5 - Good" and "good (5)" are good."""
    return " ".join(_WORD.findall(key.replace("’", "'")))


def _sides(words: Mapping[str, str]) -> dict[str, str]:
    """Return the side per word."""
    return {word: side for side, line in words.items() for word in plain_words(line)}


_WORD = re.compile(r"(?:[^\W\d_]|[\u0900-\u0eff])+(?:'[^\W\d_]+)*")
_POLAR = {side: re.compile("|".join(plain_words(line))) for side, line in WORDS["polar"].items()}
_OPINIONS = {_phrase(words): side for words, side in _sides(WORDS["opinions"]).items()}
_FLAGS = _sides(WORDS["flags"])
_PAIRS = [_FLAGS, *map(_sides, WORDS["pairs"])]
_OF_SENTIMENT = {"0": "negative", "1": "neutral", "2": "positive"}
_OPPOSITE = {"negative": "positive", "positive": "negative"}
_FILLING, _DEGREE, _NOT = (
    re.compile(
        rf"\b(?:{'|'.join(plain_words(WORDS['around'][kind]))})\b"
        rf"|\b(?:{'|'.join(plain_words(WORDS['around'][kind + '_starts']))})"
    )
    for kind in ("filling", "degree", "not")
)
_TONE = re.compile("[\U0001f3fb-\U0001f3ff]")  # of the skin
_PREFIX = re.compile(r"(?:_*[^\W\d_]+(?:[ _.:=-]+|(?=['\"])))+")  # "star_", "Label.", "b"
_WRAPPED = re.compile(r"^['\"(\[]+(.+?)['\")\]]+$")  # "['good']"
_GRADES = {"a": "positive", "b": "positive", "c": _MIDDLE} | dict.fromkeys("def", "negative")
_GRADE = re.compile(r"([a-f])([-+−–]?)")
_SCALES = (5.0, 10.0, 20.0, 100.0)
_SEVEN = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


@dataclass(frozen=True, slots=True)
class Skip:
    """Labels that have no class.

    Attributes:
        why: Reason.
        rows: Number of reviews.
        examples: The most frequent of these labels.
    """

    why: str
    rows: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelReading:
    """What the labels of a column mean.

    Attributes:
        kind: Kind of scheme.
        scheme: The scheme in words.
        classes: Class per label, as the file spells it, the most frequent first.
        skips: Labels without a class, per reason.
        assumed: Whether the labels could also mean something else.
    """

    kind: Kind
    scheme: str
    classes: dict[str, str]
    skips: tuple[Skip, ...]
    assumed: bool = False

    @property
    def skips_values(self) -> bool:
        """Whether labels are skipped that are not just missing."""
        return any(skip.why != _MISSING for skip in self.skips)

    @property
    def _spelled(self) -> list[list[str]]:
        """The spellings of each label, the most frequent first."""
        spelled: dict[str, list[str]] = {}
        for value in self.classes:
            spelled.setdefault(normalised(value), []).append(value)
        return [*spelled.values()]

    @property
    def label_map(self) -> dict[str, str]:
        """The setting `data.label_map`: class per label, in the most frequent spelling."""
        return {cleaned(first): self.classes[first] for first, *_ in self._spelled}

    @property
    def merged(self) -> dict[str, list[str]]:
        """The other spellings of a label, per most frequent spelling."""
        return {cleaned(first): rest for first, *rest in self._spelled if rest}

    @property
    def notes(self) -> tuple[str, ...]:
        """How the labels are read, what is merged and what is skipped, in sentences."""
        said = f"each label is a class: {listed(self._labels_of(None))}"
        if self.kind == "given":
            said = ""
        elif self.kind != "own":
            sides = {name: self._labels_of(name) for name in ("negative", "neutral", "positive")}
            said = f"{self.scheme}: " + ", ".join(
                f"{_range(labels) if self.kind == 'rating' else listed(labels)} read as {name}"
                for name, labels in sides.items()
                if labels
            )
        assumed = ["this is an assumption: the name of the column does not say so"]
        merged = [f"{listed(rest)} read as {first!r}" for first, rest in self.merged.items()]
        skipped = [
            f"{skip.rows:,} review{'' if skip.rows == 1 else 's'} skipped: {skip.why} "
            f"({listed(skip.examples)})"
            for skip in self.skips
        ]
        return tuple(filter(None, (said, *assumed[: self.assumed], *merged, *skipped)))

    def _labels_of(self, name: str | None) -> list[str]:
        labels = self.label_map
        own = (label for label in labels if name is None or labels[label] == name)
        return sorted(own, key=_by_size)


def _range(labels: list[str]) -> str:
    """Return a few labels, or the first and the last of many."""
    return listed(labels) if len(labels) <= 5 else f"{short(labels[0])} to {short(labels[-1])}"


def _by_size(label: str) -> tuple[float, str]:
    rating = read_rating(label)
    return (rating.value if rating else 0.0, label)


def read_labels(counts: Mapping[str, int], column: str = "") -> LabelReading | None:
    """Return what the labels of a column mean, or None if they cannot be classes.

    Up to 5% of the rows may have labels that do not fit; they are skipped.

    Args:
        counts: Number of reviews per label.
        column: Name of the column. It decides what bare numbers and flags mean.
    """
    says = label_name(column)
    rows = {value: count for value, count in counts.items() if not is_missing(value)}
    if {normalised(value) for value in rows} <= {"+", "=", "0", "o"} and "+" in rows:
        rows = {value: count for value, count in counts.items() if value.strip()}
    best: LabelReading | None = None
    most = max(MIN_SHARE * sum(rows.values()), 1)
    for kind, scheme, found in _readings(rows, says):
        covered = sum(rows[value] for value in found)
        if covered >= most and {"negative", "positive"} <= set(found.values()):
            classes = {value: side for value, side in found.items() if side in _POLAR}
            bare = all(_bare(read_rating(value)) for value in classes)
            assumed = bare and says not in {Says.RATING, Says.SENTIMENT, Says.GOOD, Says.BAD}
            best = replace(_made(kind, scheme, counts, classes, found), assumed=assumed)
            most = covered + 1
    return best or _own(counts)


def own_classes(counts: Mapping[str, int], column: str) -> LabelReading:
    """Return the classes of a column without a label map: each label is one.

    Labels that mean negative, neutral and positive are named so. Ratings are not grouped.

    Raises:
        DataError: There are fewer than 2 or more than MAX_CLASSES labels.
    """
    if len(counts) <= MAX_VALUES:
        read = read_labels(counts, column)
        is_named = read and read.kind in {"polar", "pair", "flags"}
        if read and any(skip.why == _MIDDLE for skip in read.skips):
            is_named = False  # a class of its own, such as "mixed"
        own = read if is_named else _own(counts)
        if own is not None:
            return own
    names = list(spellings(counts).values())
    holds = f"more than {MAX_CLASSES} different labels: " if len(names) > MAX_CLASSES else "only "
    raise DataError(
        f"column {short(column)} holds {holds}{listed(names) or 'missing labels'}",
        hint=f"a classifier needs at least two and at most {MAX_CLASSES} classes; "
        "data.label_column names their column: sentiment inspect FILE",
    )


def as_given(classes: Mapping[str, str], counts: Mapping[str, int]) -> LabelReading:
    """Return the reading of a column by a label map.

    Args:
        classes: Class per label that has one, as the file spells it.
        counts: Number of reviews per label.
    """
    return _made("given", "data.label_map", counts, classes, {}, _UNKNOWN)


def class_name(name: str) -> str:
    """Return `negative`, `neutral` or `positive` if a name of a class means it, or the name."""
    key = plain(normalised(name))
    return _polar(key) or _polar(_without(_FILLING, _phrase(key))) or name


def _own(counts: Mapping[str, int]) -> LabelReading | None:
    names = spellings(counts)
    classes = {v: names[normalised(v)] for v in counts if not is_missing(v)}
    fits = 2 <= len(names) <= MAX_CLASSES
    return _made("own", "names of classes", counts, classes, {}) if fits else None


def _made(
    kind: Kind,
    scheme: str,
    counts: Mapping[str, int],
    classes: Mapping[str, str],
    why: Mapping[str, str],
    other: str = _OTHER,
) -> LabelReading:
    """Return a reading; the reason for skipping is that in `why`, or `other`."""
    rest: dict[str, list[str]] = {}
    ordered = sorted(counts, key=lambda value: (-counts[value], value))
    for value in ordered:
        if value not in classes:
            reason = why.get(value) or (_MISSING if is_missing(value) else other)
            rest.setdefault(reason, []).append(value)
    skips = tuple(
        Skip(reason, sum(counts[value] for value in values), tuple(values[:_EXAMPLES]))
        for reason, values in rest.items()
    )
    return LabelReading(kind, scheme, {v: classes[v] for v in ordered if v in classes}, skips)


def _readings(rows: Mapping[str, int], says: Says) -> Iterable[tuple[Kind, str, dict[str, str]]]:
    """Yield each scheme with the class, or the reason for skipping, per label that fits it."""
    labels = {value: normalised(value) for value in rows}
    starts = {start[0] if (start := _PREFIX.match(x)) else "" for x in labels.values()}
    prefix = starts.pop() if len(starts) == 1 else ""
    if _NOT.search(prefix) or all(map(read_rating, labels.values())):
        prefix = ""
    labels = {value: _WRAPPED.sub(r"\1", x.removeprefix(prefix)) for value, x in labels.items()}
    keys = {value: _TONE.sub("", plain(label)) for value, label in labels.items()}
    phrases = {value: _without(_FILLING, _phrase(key)) for value, key in keys.items()}
    polar = {value: _polar(keys[value]) or _polar(phrases[value]) for value in rows}
    yield "polar", "negative and positive", _found(polar)
    pairs = (*_PAIRS, _OF_SENTIMENT) if says is Says.SENTIMENT else _PAIRS
    for pair in pairs:
        found = _found({v: pair.get(key) or pair.get(phrases[v]) for v, key in keys.items()})
        numbers = all(read_rating(labels[value]) for value in found)
        if numbers and sum(1 for v in rows if v not in found and read_rating(labels[v])) > 2:
            continue  # a scale of which these are two values
        kind: Kind = "flags" if pair is _FLAGS else "pair"
        if kind == "flags" and says is Says.BAD:
            found = {value: _OPPOSITE[side] for value, side in found.items()}
        found |= {v: side for v, side in polar.items() if side == "neutral" and v not in found}
        yield kind, "three classes" if "neutral" in found.values() else "two classes", found
    graded = {value: _without(_DEGREE, phrase) for value, phrase in phrases.items()}
    degrees = {value: _polar(phrase) for value, phrase in graded.items()}
    yield "rating", "degrees of negative and positive", _found(degrees)
    opinions = _found({value: _opinion(phrase) for value, phrase in phrases.items()})
    if len({keys[value] for value, side in opinions.items() if side in _OPPOSITE}) == 2:
        named = {v: "neutral" if polar[v] == "neutral" else side for v, side in opinions.items()}
        yield "pair", "words of opinion", named
    rated = _rated(rows, labels, opinions, says)
    scales = sorted({scale for _, scale in rated.values()})
    found = {value: side for value, (side, _) in rated.items()}
    yield "mixed" if len(scales) > 1 else "rating", ", ".join(scales), found


def _found(sides: Mapping[str, str | None]) -> dict[str, str]:
    return {value: side for value, side in sides.items() if side}


def _without(pattern: re.Pattern[str], phrase: str) -> str:
    return " ".join(pattern.sub(" ", phrase).split())


def _polar(key: str) -> str | None:
    return next((name for name, pattern in _POLAR.items() if pattern.fullmatch(key)), None)


def _opinion(phrase: str) -> str | None:
    """Return the side of words of opinion; "not", "hardly" and the like turn it round."""
    graded = _without(_DEGREE, phrase)
    side = _OPINIONS.get(phrase) or _OPINIONS.get(graded.removeprefix("yes "))
    denied = _without(_NOT, graded)
    if side or denied == graded:
        return side
    return _OPPOSITE.get(_OPINIONS.get(denied, "") if denied else "positive")


def _rated(
    rows: Mapping[str, int], labels: Mapping[str, str], opinions: Mapping[str, str], says: Says
) -> dict[str, tuple[str, str]]:
    """Return the class, or the reason for skipping, and the scale, per label that is a rating.

    Args:
        rows: Number of reviews per label.
        labels: Label to read per label of the file.
        opinions: Side per label with words of opinion.
        says: What the name of the column says.
    """
    found = {value: (side, "words of opinion") for value, side in opinions.items()}
    bare = {v: _WORD.sub(" ", x) if opinions.get(v) == _MIDDLE else x for v, x in labels.items()}
    ratings = {value: rating for value, x in bare.items() if (rating := read_rating(x))}
    signs = {value: rating for value, rating in ratings.items() if not _bare(rating)}
    found |= _signs(signs, says)
    grades = {v: grade for v, label in labels.items() if (grade := _GRADE.fullmatch(label))}
    if says is Says.RATING or found or any(grade[2] for grade in grades.values()):
        found |= {v: (_GRADES[grade[1]], "letter grades") for v, grade in grades.items()}
    read = {v for v, (side, _) in found.items() if side != _MIDDLE}
    numbers = {v: r.value for v, r in ratings.items() if _bare(r) and v not in read}
    said = {rating.scale for rating in signs.values() if rating.scale}
    top = said.pop() if len(said) == 1 else None
    if top is None or max(numbers.values(), default=0.0) > top:
        by_value: Counter[float] = Counter()
        for value, number in numbers.items():
            by_value[number] += rows[value]
        top = _scale(by_value, says)
    return found if top is None else found | _numbers(numbers, top)


def _signs(signs: Mapping[str, Rating], says: Says) -> dict[str, tuple[str, str]]:
    """Read the labels that show that they are ratings: "4/5", "4 stars", "80%"."""
    found = {}
    most = max((r.value for r in signs.values() if r.scale is None), default=0.0)
    for value, rating in signs.items():
        scale = rating.scale or next((top for top in (5.0, 10.0, 50.0) if most <= top), 100.0)
        side = _side(rating.value, scale)
        if side and (rating.explicit or says not in {Says.BAD, Says.OTHER, Says.GROUP}):
            found[value] = side, f"ratings out of {scale:g}" if rating.explicit else "percent"
    return found


def _numbers(numbers: Mapping[str, float], top: float) -> dict[str, tuple[str, str]]:
    """Read bare numbers, by the highest value of their scale, or -1 if its middle is 0."""
    found = {}
    for value, number in numbers.items():
        if top < 0:
            sign = "negative" if number < 0 else "positive" if number else _MIDDLE
            found[value] = sign, "numbers below and above 0"
        elif side := _UNRATED if number == 0 and top in {5, 50} else _side(number, top):
            found[value] = side, f"ratings out of {top:g}"
    return found


def _bare(rating: Rating | None) -> bool:
    return rating is not None and not rating.explicit and rating.scale is None


def _side(value: float, scale: float) -> str | None:
    """Return the class of a rating, or None if it is not on the scale.

    Of 5, less than 3 is negative and more than 3 positive. Of 10, at most 4 is negative and at
    least 7 positive (Maas et al., 2011, section 4.1), and so are the same shares of other scales.
    """
    if not 0 <= value <= scale:
        return None
    if scale in {5, 7, 50}:
        middle = 4.0 if scale == 7 else 0.6 * scale
        return "negative" if value < middle else "positive" if value > middle else _MIDDLE
    share = round(value / scale, 6)
    return "negative" if share <= 0.4 else "positive" if share >= 0.7 else _MIDDLE


def _scale(by_value: Mapping[float, int], says: Says) -> float | None:
    """Return the highest value of the scale of bare numbers, -1 if its middle is 0, or None.

    Args:
        by_value: Number of reviews per number.
        says: What the name of the column says.
    """
    named = says in {Says.RATING, Says.SENTIMENT, Says.GOOD}
    if not by_value or says in {Says.BAD, Says.OTHER, Says.GROUP}:
        return None
    values = sorted(by_value)
    below = sum(count for value, count in by_value.items() if value < 0)
    if values[-1] > 0 and below > (1 - MIN_SHARE) * sum(by_value.values()):
        return -1.0 if named and len(values) > 3 else None
    scale = _fitting(by_value)
    if scale is None:
        return None
    own = [value for value in values if 0 <= value <= scale]
    whole = all(value.is_integer() for value in own)
    if not named:
        # Numbers of classes begin at 0 or 1 and may end anywhere.
        likely = scale <= 10 and 0 not in own and (own[-1] == scale or not whole)
        halves = all((2 * value).is_integer() for value in own)
        enough = scale == 5 or len(own) >= 3
        return scale if likely and halves and enough else None
    if own == _SEVEN:
        return 7.0
    if own[-1] <= 1:
        return 1.0 if len(own) > 2 and not whole else None
    if scale == 5 and whole and own[0] == 0 and own[-1] in {3, 4}:
        return own[-1] if len(own) > 3 else None
    tens = scale > 10 and own[-1] <= 50 and all(value % 10 == 0 for value in own)
    return 50.0 if tens and len(own) > 2 else scale if scale == 5 or len(own) > 2 else None


def _fitting(rows: Mapping[float, int]) -> float | None:
    """Return the smallest scale that holds all numbers but a few strays, up to 5% of the rows."""
    total = sum(rows.values())
    for scale, following in zip(_SCALES, (*_SCALES[1:], float("inf")), strict=True):
        above = [value for value in rows if value > scale]
        near = sum(1 for value in above if value <= following)
        few = near < max(3, (following - scale) / 9) if following < float("inf") else True
        if few and sum(rows[value] for value in above) <= (1 - MIN_SHARE) * total:
            return scale
    return None
