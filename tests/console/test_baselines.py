"""What is printed of linear models beside a network."""

from __future__ import annotations

import pytest

from sentiment_cli.console.baselines import beside_linear, verdict


def figures(low, high, p):
    """Figures of a linear model, whose interval is given in points."""
    return {
        f"{prefix}{name}": value
        for prefix in ("", "balanced_")
        for name, value in (
            ("accuracy", 0.9),
            ("accuracy_difference", (low + high) / 200),
            ("accuracy_difference_interval", [low / 100, high / 100]),
            ("p_adjusted", p),
        )
    }


@pytest.mark.parametrize("prefix", ["", "balanced_"])
@pytest.mark.parametrize(
    ("low", "high", "p", "said"),
    [
        (1, 3, 0.01, "ahead by 2.0 points (1.0 to 3.0)"),
        (-3, -1, 0.01, "behind by 2.0 points (1.0 to 3.0)"),
        (-1, 2, 0.6, "no difference shown (-1.0 to +2.0 points)"),
        (0.1, 3, 0.07, "no difference shown after Holm's correction (+0.1 to +3.0 points)"),
    ],
)
def test_verdict_follows_the_adjusted_p(prefix, low, high, p, said):
    assert verdict(figures(low, high, p), prefix) == said


def test_each_linear_model_has_a_line():
    assert list(beside_linear({"tf_idf": figures(1, 3, 0.01)})) == [
        "TF-IDF bigrams 90.00%: ahead by 2.0 points (1.0 to 3.0)"
    ]


def test_a_fit_that_did_not_converge_is_named():
    (line,) = beside_linear({"tf_idf": figures(1, 3, 0.01) | {"converged": False}})
    assert line.startswith("TF-IDF bigrams (fit did not converge) 90.00%: ahead by")
