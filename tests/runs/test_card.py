"""A run's model card."""

from __future__ import annotations

from sentiment_cli.runs.card import model_card

FIGURES = {
    "source": "imdb",
    "cell": "lstm",
    "classes": ["negative", "positive"],
    "reviews": {"training": [90, 90], "validation": [10, 10], "test": [25, 25]},
    "unlabelled": {"reviews": 50_000, "overlapping": 103},
    "init": None,
    "vocabulary": 4000,
    "parameters": 123456,
    "steps": 60,
    "epochs": 3,
    "best_epoch": 2,
    "stopped_early": True,
    "temperature": 1.25,
    "baseline": {
        "tf_idf": {
            "accuracy": 0.7,
            "accuracy_difference": 0.05,
            "accuracy_difference_interval": [0.01, 0.09],
            "p_adjusted": 0.0524,
        }
    },
    "validation": {
        name: value
        for figure in (
            "accuracy", "balanced_accuracy", "macro_f1", "log_loss", "calibration_error"
        )
        for name, value in ((figure, 0.75), (f"{figure}_interval", (0.7, 0.8)))
    },
}  # fmt: skip
TIMING = {"seconds": 12.3, "tokens_per_second": 1, "peak_memory_mb": 1, "device": "cpu"}


def test_says_what_it_was_trained_on_and_how_well_it_does():
    card = model_card("film", FIGURES, TIMING)
    assert card.startswith("# film\n")
    assert "LSTM" in card
    assert "| training | 90 | 90 |" in card
    assert "| accuracy | 0.7500 | 0.7000 to 0.8000 |" in card
    assert "epoch 2" in card
    assert "stopped early" in card


def test_says_how_far_it_is_ahead_of_a_linear_model():
    assert (
        "| TF-IDF bigrams | 0.7000 | +0.0500 | +0.0100 to +0.0900 | 0.052 |"
        in model_card("film", FIGURES, TIMING).splitlines()
    )


def test_says_which_run_it_began_with():
    card = model_card("film", FIGURES | {"init": "bundled"}, TIMING).replace("\n", " ")
    assert "began with the tokenizer, embedding and encoder of the run `bundled`" in card
    assert "began with" not in model_card("film", FIGURES, TIMING)


def test_tables_have_a_column_a_class():
    lines = model_card("film", FIGURES, TIMING).splitlines()
    header = lines.index("| part | negative | positive |")
    assert lines[header + 1] == "|---|---|---|"
