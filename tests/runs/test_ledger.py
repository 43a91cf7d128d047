"""Looks at test sets, counted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.runs.ledger import add_look, count_looks


@pytest.fixture
def ledger(tmp_path):
    return tmp_path / "runs" / "ledger.jsonl"


def test_each_look_counts_for_its_test_set_alone(ledger):
    for test_set in ("a", "b", "a"):
        add_look(ledger, test_set, "runs/x")
    assert count_looks(ledger, "a") == (2, 0)
    assert count_looks(ledger, "b") == (1, 0)
    assert count_looks(ledger, "c") == (0, 0)


def test_without_a_ledger_nothing_was_looked_at(ledger):
    assert count_looks(ledger, "a") == (0, 0)


def test_broken_lines_are_told_apart(ledger):
    add_look(ledger, "a", "runs/x")
    with ledger.open("ab") as file:
        file.write(b'\xff\xfe\n[1]\n3\n{"other": 1}\n' + b"[" * 100_000 + b"\n")
    add_look(ledger, "a", "runs/x")
    assert count_looks(ledger, "a") == (2, 5)


def test_looks_of_many_at_once_are_all_kept(ledger):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: add_look(ledger, "a", f"run {number}"), range(80)))
    assert count_looks(ledger, "a") == (80, 0)


def test_a_folder_in_its_place_is_the_machines_fault(ledger):
    ledger.mkdir(parents=True)
    with pytest.raises(EnvironmentFault):
        add_look(ledger, "a", "runs/x")
