"""How long a search goes on."""

from __future__ import annotations

import time

import pytest

from sentiment_cli.analysis.tuning.budget import Budget
from sentiment_cli.analysis.tuning.journal import Trial


def trials(*seconds):
    """Complete trials, the last one the best."""
    return [
        Trial(at, {}, state="complete", loss=1 / (1 + at), seconds=own)
        for at, own in enumerate(seconds)
    ]


def budget(minutes, gone=0.0):
    return Budget(None, minutes, began=time.monotonic() - gone)


def test_a_number_of_trials_counts_those_from_before():
    assert Budget(3, None).allows(trials(1, 1))
    assert not Budget(3, None).allows(trials(1, 1, 1))


def test_two_trials_are_made_in_any_case():
    assert budget(0.0, gone=999).allows(trials(500))
    assert not budget(0.0, gone=999).allows(trials(500, 500))


@pytest.mark.parametrize(("gone", "more"), [(110, True), (130, False)])
def test_a_trial_begins_where_it_and_the_fresh_seeds_fit(gone, more):
    # A mean trial of 20 seconds, three seeds of the start's 10 and three of the best one's 30.
    found = [Trial(0, {}, state="complete", loss=0.5, seconds=10)]
    found += [Trial(1, {}, state="complete", loss=0.4, seconds=30)]
    found += [Trial(2, {}, state="pruned", seconds=1)]
    assert budget(260 / 60, gone).allows(found) is more


def test_a_trial_that_was_stopped_in_between_tells_no_seconds():
    found = trials(10, None, 10)
    assert budget(2.0, gone=10).allows(found)
    assert not budget(2.0, gone=60).allows(found)
