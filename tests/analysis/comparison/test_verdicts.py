"""One sentence a pair."""

from __future__ import annotations

import numpy as np
import pytest
from support.entries import entry

from sentiment_cli.analysis.comparison.entry import Entry
from sentiment_cli.analysis.comparison.scores import Scores
from sentiment_cli.analysis.comparison.verdicts import summary, verdicts
from sentiment_cli.analysis.statistics.significance import mcnemar


def test_a_clear_winner_is_better_by_points_with_an_interval():
    (verdict,) = verdicts([entry("rnn", 0.80, 0.80, 0.80), entry("lstm", 0.95, 0.95, 0.95)])
    assert (verdict.a, verdict.b) == ("lstm", "rnn")
    low, high = verdict.interval
    assert 0.10 < low < verdict.difference < high < 0.20
    assert verdict.sentence() == (
        f"lstm is better than rnn by {100 * verdict.difference:.1f} points "
        f"(95% interval {100 * low:.1f} to {100 * high:.1f})"
    )
    assert verdict.record()["verdict"] == "better"


def test_equals_are_not_told_apart_and_what_would_tell_them_is_said():
    (verdict,) = verdicts([entry("lstm", 0.90, 0.90, 0.90), entry("gru", 0.90, 0.90, 0.90)])
    assert not verdict.shown
    assert "no difference shown between" in verdict.sentence()
    assert "points apart would need about" in verdict.sentence()
    assert verdict.record()["needed"]["seeds"] >= 3


def test_the_seeds_noise_takes_a_difference_back():
    """Each review's answers tell them apart; three seeds that scatter so do not."""
    (verdict,) = verdicts([entry("a", 0.80, 0.90, 0.97), entry("b", 0.85, 0.75, 0.95)])
    assert verdict.difference > 0.02
    assert not verdict.shown


def test_more_pairs_ask_for_more():
    two = [entry("a", 0.93, 0.93, 0.93), entry("b", 0.90, 0.90, 0.90)]
    many = [*two, *(entry(f"other {at}", 0.91, 0.91, 0.91) for at in range(6))]
    alone, among = verdicts(two)[0], verdicts(many)[0]
    assert among.interval == alone.interval
    assert among.p > alone.p


def test_single_runs_are_judged_by_mcnemar():
    a, b = entry("a", 0.93), entry("b", 0.90)
    (verdict,) = verdicts([a, b])
    assert verdict.p == mcnemar(a.right[0], b.right[0])
    assert verdict.needed is None
    assert "one seed each: other seeds may say otherwise" in summary([verdict], [a, b])


def test_a_pair_that_alone_would_show_a_difference_is_told_by_its_own_test():
    entries = [entry("a", 0.92), entry("b", 0.90), *(entry(f"other {n}", 0.91) for n in range(6))]
    for verdict in verdicts(entries):
        (alone,) = verdicts([entry for entry in entries if entry.name in (verdict.a, verdict.b)])
        said = not verdict.shown and alone.shown
        assert ("this pair alone would show one" in verdict.sentence()) == said


def test_baselines_are_not_compared_with_each_other_nor_the_majority_with_any():
    entries = [
        entry("lstm", 0.9, 0.9, 0.9),
        entry("linear", 0.9, kind="linear"),
        entry("majority", 0.5, kind="majority"),
    ]
    assert [{one.a, one.b} for one in verdicts(entries)] == [{"lstm", "linear"}]


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((0.85, 0.85), "no network beats linear beyond doubt"),
        ((0.99, 0.85), "lstm beats linear"),
        ((0.99, 0.99), "lstm and gru beat linear"),
    ],
)
def test_the_summary_says_who_beats_the_linear_model(shares, said):
    lstm, gru = shares
    entries = [
        entry("lstm", lstm, lstm, lstm),
        entry("gru", gru, gru, gru),
        entry("linear", 0.9, kind="linear"),
    ]
    assert said in summary(verdicts(entries), entries)


def test_the_best_is_named_where_it_beats_all_others():
    entries = [
        entry("rnn", 0.8, 0.8, 0.8),
        entry("gru", 0.9, 0.9, 0.9),
        entry("lstm", 0.98, 0.98, 0.98),
    ]
    assert summary(verdicts(entries), entries) == ["lstm is the best of the 3 networks"]
    entries[1] = entry("gru", 0.98, 0.98, 0.98)
    assert summary(verdicts(entries), entries) == []


def test_a_network_that_answers_all_reviews_alike_has_learned_nothing():
    labels = np.arange(40) % 2
    stuck = Scores(labels, np.tile([0.4, 0.6], (40, 1)), np.arange(40, dtype=np.uint64))
    entries = [Entry("gru", "network", [stuck, stuck]), Entry("all", "majority", [stuck])]
    assert summary([], entries) == [
        "gru answers all reviews alike, under 2 of 2 seeds: it has not learned to tell them apart; "
        "give it more epochs, or a lower training.ema_decay"
    ]


def test_a_name_with_markup_stays_a_name():
    (verdict,) = verdicts([entry("[red]", 0.9, 0.9), entry("b", 0.5, 0.5)])
    assert verdict.sentence().startswith("[red] is better")
