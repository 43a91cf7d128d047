"""Make a finished run the model that travels with the package.

    python tools/bundle.py build/bundled                            # into sentiment_cli/bundled
    python tools/bundle.py build/bundled --out small

The weights become float16, and the --most-ngrams most useful n-grams stay. What that costs is
measured on the run's own validation reviews, and refused above --most-points of accuracy, as is a
folder above --most-mb. As its source it names those of tools/bundled_data.py, so that a training on
one of them that begins with it is told that it would be judged by reviews which taught its start. A
README.md that is there is kept: the card of the bundled model is written by hand.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bundled_data import SOURCES

from sentiment_cli import metrics
from sentiment_cli.config.writer import dump_experiment
from sentiment_cli.errors import SentimentError
from sentiment_cli.inference.evaluation import evaluate
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.reviews.corpus import Review, open_corpus
from sentiment_cli.reviews.settings import run_figures, run_settings
from sentiment_cli.reviews.split import Part
from sentiment_cli.runs.bundled import FOLDER
from sentiment_cli.runs.compact import MOST_NGRAMS, compact_files, write_run
from sentiment_cli.runs.durable import replace_file
from sentiment_cli.training.results import as_json

CARD = "README.md"


def reviews_of(run: Path, part: Part) -> Iterator[Review]:
    """Return a part of the reviews of a run."""
    experiment = run_settings(run)
    corpus = open_corpus(experiment)
    return corpus.reviews(part)


def scores(run: Path, reviews: Iterable[Review]) -> dict[str, float]:
    """Return the figures of a run."""
    predictor = Predictor.load(run, device="cpu")
    judged = evaluate(predictor, reviews, baselines={}, advance=lambda _: None)
    return metrics.score(judged.labels, judged.probabilities)


def bundle(run: Path, out: Path, most_ngrams: int) -> None:
    """Write the compact copy of a run, without a trace of where it was made."""
    experiment = run_settings(run)
    data = experiment.data.model_copy(update={"source": tuple(SOURCES.values())})
    settings = experiment.model_copy(update={"data": data})
    figures = run_figures(run)
    named = figures["source"] = ", ".join(SOURCES)
    files = compact_files(run, most_ngrams) | {
        "config.yaml": dump_experiment(settings).encode(),
        "metrics.json": as_json(figures),
    }
    write_run(out, files)
    if not (out / CARD).exists():
        card = (run / CARD).read_text(encoding="utf-8")
        replace_file(out / CARD, card.replace(str(experiment.data.source), named).encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=Path, metavar="RUN", help="a finished run folder")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--most-points", type=float, default=0.2)
    parser.add_argument("--most-mb", type=float, default=8.0)
    parser.add_argument("--most-ngrams", type=int, default=MOST_NGRAMS)
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        small = Path(name, "small")
        bundle(options.run, small, options.most_ngrams)
        before, after = (
            scores(own, reviews_of(options.run, Part.VALIDATION)) for own in (options.run, small)
        )
        size = sum(file.stat().st_size for file in small.iterdir()) / 1e6
    rows = [f"  {'validation':20} {'as trained':>10} {'compact':>9}"]
    rows += [f"  {name:20} {before[name]:10.4f} {after[name]:9.4f}" for name in before]
    print("\n".join(rows))
    print(f"  {size:.2f} MB in all")
    lost = 100 * (before["accuracy"] - after["accuracy"])
    if lost > options.most_points:
        raise SystemExit(f"error: {lost:.2f} points of accuracy would be lost")
    if size > options.most_mb:
        raise SystemExit(f"error: {size:.2f} MB are too large")
    bundle(options.run, options.out, options.most_ngrams)
    tested: dict[str, list[Review]] = {}
    for review in reviews_of(options.run, Part.TEST):
        tested.setdefault(review.row.values.get("source", "all"), []).append(review)
    for name, own in tested.items():
        found = scores(options.out, own)
        print(f"  {name:16} {len(own):6,} test reviews, balanced {found['balanced_accuracy']:.4f}")


if __name__ == "__main__":
    try:
        main()
    except (SentimentError, ValueError) as fault:
        raise SystemExit(f"error: {fault}") from None
