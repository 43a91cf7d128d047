"""A run's model card."""

from __future__ import annotations

from sentiment_cli.runs.card import model_card

FIGURES = {
    "source": "imdb",
    "cell": "lstm",
    "classes": ["negative", "positive"],
    "reviews": {"training": [90, 90], "validation": [10, 10], "test": [25, 25]},
    "unlabelled": {"reviews": 50_000, "left_out": 103},
    "init": None,
    "pretraining": None,
    "teacher": None,
    "vocabulary": 4000,
    "parameters": 123456,
    "steps": 60,
    "epochs": 3,
    "best_epoch": 2,
    "stopped_early": True,
    "temperature": 1.25,
    "baseline": {
        "tf_idf": {
            "accuracy": 0.7, "ahead": 0.05, "ahead_interval": [0.01, 0.09], "p_adjusted": 0.0524
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

BLEND = {"blend_weight": 0.5, "linear_init": False, "network": {"accuracy": 0.71}}


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


def test_says_what_a_language_model_read_before():
    account = {"reviews": 68000, "tokens": 1234567, "epochs": 4, "validation_loss": 4.5}
    card = model_card("film", FIGURES | {"pretraining": account}, TIMING)
    told = card[card.index("The network began with") :].split(". ")[0].replace("\n", " ")
    assert "4 epochs on 68,000 reviews (1,234,567 tokens) without their labels" in told
    assert "4.5000 nats a word on validation reviews" in card.replace("\n", " ")
    assert "language model" not in model_card("film", FIGURES, TIMING)


def test_says_which_run_it_began_with():
    card = model_card("film", FIGURES | {"init": "bundled"}, TIMING).replace("\n", " ")
    assert "began with the tokenizer, embedding and encoder of the run `bundled`" in card
    assert "began with" not in model_card("film", FIGURES, TIMING)


def test_a_blend_is_called_one():
    card = model_card("film", FIGURES | BLEND, TIMING)
    assert "A blend of LSTM network and linear model" in card
    assert "the network alone has an accuracy of 0.7100" in card


def test_a_linear_model_that_came_along_is_told():
    begun = FIGURES | BLEND | {"linear_init": True, "init": "bundled"}
    assert "which began as that of `bundled`" in model_card("film", begun, TIMING)
    assert "which began as" not in model_card("film", FIGURES | BLEND, TIMING)


def test_tables_have_a_column_a_class():
    lines = model_card("film", FIGURES, TIMING).splitlines()
    header = lines.index("| part | negative | positive |")
    assert lines[header + 1] == "|---|---|---|"
