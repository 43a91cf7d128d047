"""Few reviews: a network that begins with a saved model, beside one from scratch and linear models.

    make held-out                        # build/bundled.jsonl, build/no-imdb, build/no-...
    python benchmarks/few_reviews.py imdb fine_foods amazon_stars
    python benchmarks/few_reviews.py cereal --start sentiment_cli/bundled

Balanced accuracy on reviews of a source of which the starting model saw nothing, over five draws
of so many reviews, half of each class. The linear models learn from all of a draw; a network is
trained as `sentiment inspect --write-config` proposes, and leaves a part of the draw to steer by.
The model as it is, which has not seen the draw, stands beside.
Of a source the same reviews, up to 2,000, are judged after each draw; of the cereal reviews, which
are too few, all that a draw leaves, ten times. Intervals are Student's over the draws; where these
share reviews, with the correction of Nadeau and Bengio (Inference for the Generalization Error,
Machine Learning 2003). --quick draws twice from a few made-up reviews.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from made_up import write_run
from scipy import stats
from sklearn.model_selection import StratifiedShuffleSplit
from timing import options, table

from sentiment_cli import metrics
from sentiment_cli.config.reader import read_experiment
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.reviews.proposal import experiment_file, fitting_settings
from sentiment_cli.reviews.quality import inspect_reviews
from sentiment_cli.reviews.sources import open_source
from sentiment_cli.reviews.split import text_hash
from sentiment_cli.reviews.word_numbers import word_keys
from sentiment_cli.runs.saved import read_saved
from sentiment_cli.training.experiment import start
from sentiment_cli.training.linear.fitting import Counted, fit_nb, fit_tf_idf

CLASSES = ("negative", "positive")
SIZES = (100, 300, 1000, 4000)
JUDGED, FEWEST = 2000, 500  # reviews that are judged: at most, and at least
LINEAR = {"TF-IDF bigrams": fit_tf_idf, "NB-weighted trigrams": fit_nb}
SCRATCH, UNTAUGHT, BEGUN = "from-scratch", "the model as it is", "from-a-model"


class Labelled(NamedTuple):
    """Reviews and the numbers of their classes."""

    texts: list[str]
    labels: np.ndarray

    def take(self, chosen: np.ndarray) -> Labelled:
        return Labelled([self.texts[n] for n in chosen], self.labels[chosen])


class Draw(NamedTuple):
    """Reviews to learn from, and others to be judged."""

    training: Labelled
    judged: Labelled


def main() -> None:
    """Measure and print a table a source."""
    parser = options(__doc__, repeats=5)
    parser.add_argument("sources", nargs="*", metavar="SOURCE", help="of --data, or cereal")
    parser.add_argument("--data", type=Path, default=Path("build/bundled.jsonl"))
    parser.add_argument("--start", type=Path, help="the saved model (build/no-SOURCE)")
    parser.add_argument("--most", type=int, default=max(SIZES), help="reviews of the largest draw")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if chosen.quick:
            reviews = made_up(FEWEST + 100)
            write_run(Path(name, "run"), reviews.texts, cell="gru", size=8, vocabulary=200)
            draws = {20: list(random_draws(reviews, 20, 2))}
            compared(chosen.device, "made-up reviews", draws, Path(name, "run"), Path(name))
        for source in chosen.sources:
            begin = chosen.start or Path("build", f"no-{source}")
            if source == "cereal":
                reviews = read(Path(__file__).parents[1] / "data" / "cereal_reviews.csv")
                draws = {SIZES[0]: list(crossed(reviews, 2 * chosen.repeats))}
            else:
                reviews = read(chosen.data, only=source)
                sizes = [
                    size for size in SIZES if size <= min(chosen.most, len(reviews.texts) - FEWEST)
                ]
                draws = {size: list(random_draws(reviews, size, chosen.repeats)) for size in sizes}
            compared(chosen.device, source, draws, begin, Path(name, source))


def made_up(count: int) -> Labelled:
    """Return reviews that one word tells apart."""
    labels = np.arange(count) % 2
    texts = [f"review {n} {('bad', 'good')[label]} oats" for n, label in enumerate(labels)]
    return Labelled(texts, labels)


def read(path: Path, *, only: str | None = None) -> Labelled:
    """Return the labelled reviews of a file; of one source alone, where there are several."""
    rows = [row.values for row in open_source(str(path), base=Path.cwd()).rows()]
    rows = [row for row in rows if only is None or row["source"] == only]
    if not rows:
        sys.exit(f"error: {path}: it holds no review of {only}")
    return Labelled(
        [row["text"] for row in rows], np.array([CLASSES.index(row["label"]) for row in rows])
    )


def random_draws(reviews: Labelled, size: int, count: int) -> Iterator[Draw]:
    """Yield draws of `size` reviews, half of each class, as are those that are judged."""
    judged = min(JUDGED, max(FEWEST, len(reviews.texts) - 2 * size))
    order = np.argsort([text_hash(text) for text in reviews.texts])
    classes = [order[reviews.labels[order] == label] for label in (0, 1)]
    held_out = reviews.take(np.concatenate([own[: judged // 2] for own in classes]))
    for number in range(count):
        rng = np.random.default_rng(number)
        halves = [rng.choice(own[judged // 2 :], size // 2, replace=False) for own in classes]
        yield Draw(reviews.take(np.concatenate(halves)), held_out)


def crossed(reviews: Labelled, count: int) -> Iterator[Draw]:
    """Yield draws of the smallest size, half of each class; each time all others are judged."""
    draws = StratifiedShuffleSplit(n_splits=count, train_size=SIZES[0], random_state=0)
    for training, judged in draws.split(reviews.labels, reviews.labels):
        yield Draw(reviews.take(training), reviews.take(judged))


def compared(
    device: str, name: str, draws: dict[int, list[Draw]], begin: Path, folder: Path
) -> None:
    """Print how all of them do on all draws."""
    rows = []
    for size, own in draws.items():
        overlap = 0.0
        if own[0].judged.texts != own[1].judged.texts:
            overlap = len(own[0].judged.texts) / len(own[0].training.texts)
        figures: dict[str, list[float]] = {}
        for number, draw in enumerate(own, start=1):
            found = judge(draw, begin, folder / f"{size}-{number}", device)
            for model, figure in found.items():
                figures.setdefault(model, []).append(100 * figure)
            line = ", ".join(f"{model} {100 * figure:.1f}" for model, figure in found.items())
            print(f"{name}, {size:,} reviews, {number} of {len(own)}: {line}", file=sys.stderr)
        best = max(LINEAR, key=lambda model: statistics.mean(figures[model]))
        ahead = [a - b for a, b in zip(figures[BEGUN], figures[best], strict=True)]
        told = [interval(values, overlap) for values in (*figures.values(), ahead)]
        rows.append([f"{size:,}", *told])
    table(
        f"{name}: balanced accuracy, %, after so many reviews",
        ["reviews", *LINEAR, UNTAUGHT, SCRATCH, BEGUN, "ahead of the better linear"],
        rows,
    )


def judge(draw: Draw, begin: Path, folder: Path, device: str) -> dict[str, float]:
    """Return the balanced accuracy of each model that learned from a draw."""
    folder.mkdir(parents=True)
    words = word_keys(draw.judged.texts)
    counted = Counted([word_keys(draw.training.texts)])
    found = {
        name: right(fit(counted, draw.training.labels, 2)(*words), draw.judged.labels)
        for name, fit in LINEAR.items()
    }
    found[UNTAUGHT] = judged_by(begin, draw.judged, device)
    for name, file in zip(("training", "judged"), draw, strict=True):
        rows = ({"text": t, "label": CLASSES[n]} for t, n in zip(*file, strict=True))
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    for name, changes in ((SCRATCH, same_network(begin)), (BEGUN, [])):
        run = train(folder, name, None if changes else begin, changes, device)
        found[name] = judged_by(run, draw.judged, device)
    return found


def judged_by(run: Path, reviews: Labelled, device: str) -> float:
    """Return the balanced accuracy of a saved model."""
    predictor = Predictor.load(run, device="cuda" if device == "cuda" else "cpu")
    return right(predictor.probabilities(predictor.read(reviews.texts)), reviews.labels)


def right(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the balanced accuracy of scores of the classes, (N, 2)."""
    answers = scores.argmax(axis=1)
    return float(metrics.balanced_accuracy(metrics.confusion_matrix(labels, answers, 2)))


def same_network(run: Path) -> list[str]:
    """Return the settings that make a network of a run's shape."""
    architecture = read_saved(run).config.architecture
    shape = architecture.to_dict().keys() - {"vocab_size", "num_classes"}
    return [f"model.{key}={getattr(architecture, key)}" for key in sorted(shape)]


def train(folder: Path, name: str, begin: Path | None, changes: list[str], device: str) -> Path:
    """Train as is proposed for the reviews of a folder; return the run's folder."""
    file, judged = folder / "training.jsonl", folder / "judged.jsonl"
    source = open_source(str(file), base=folder)
    inspection = inspect_reviews(source, advance=lambda _: None)
    proposed = fitting_settings(
        inspection, str(file), str(judged), start=str(begin.absolute()) if begin else None
    )
    config = folder / f"{name}.yaml"
    config.write_text(experiment_file(proposed, str(file), "sentiment train"), encoding="utf-8")
    experiment = read_experiment(config, changes).experiment
    for _ in start(
        experiment,
        folder / name,
        device="cuda" if device == "cuda" else "cpu",
        progress=lambda *_: None,
        stop=lambda: False,
    ):
        pass
    return folder / name


def interval(figures: list[float], overlap: float) -> str:
    """Return the mean of figures, one a draw, and its 95% interval.

    Args:
        figures: at least two.
        overlap: judged reviews a training review, where the draws share reviews; else 0.
    """
    mean = statistics.mean(figures)
    spread = statistics.stdev(figures) * math.sqrt(1 / len(figures) + overlap)
    half = stats.t.ppf(0.975, len(figures) - 1) * spread
    return f"{mean:.1f} ({mean - half:.1f} to {mean + half:.1f})"


if __name__ == "__main__":
    main()
