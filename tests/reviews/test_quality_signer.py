"""A second process that finds the words of texts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from subprocess import PIPE

import pytest

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.reviews.quality import signer as module
from sentiment_cli.reviews.quality.near import sign
from sentiment_cli.reviews.quality.signer import Signer

PATIENCE = 60.0
TEXTS = ["It isn't good at all, and I would not buy it again. 9/10", "", "很好 é", "x" * 10_000]


@pytest.mark.parametrize("alone", [0, 1, 3])
def test_signer_keeps_the_order_when_a_second_process_takes_over(monkeypatch, alone):
    monkeypatch.setattr(module, "_ALONE", alone)
    with Signer() as signer:
        for _ in range(3):
            signer.add(TEXTS)
            signer.add(["one more"])
        found = signer.all()
    expected = sign([*TEXTS, "one more"] * 3)
    for own, right in zip(found, expected, strict=True):
        assert own.dtype == right.dtype
        assert (own == right).all()


def test_signer_of_few_texts_starts_no_process():
    with Signer() as signer:
        signer.add(TEXTS)
        assert signer._second is None
        assert len(signer.all().lengths) == len(TEXTS)


def test_signer_without_texts_keeps_nothing():
    assert [own.shape for own in Signer().all()] == [(0,), (0,), (0, 32)]


def test_signer_reports_a_second_process_that_was_killed(monkeypatch):
    monkeypatch.setattr(module, "_ALONE", 0)
    with Signer() as signer:
        signer.add(TEXTS)
        signer._second.kill()
        signer._second.wait(PATIENCE)
        signer._second.stdout.read()
        with pytest.raises(EnvironmentFault, match="ended early"):
            signer.add(TEXTS)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_second_process_ends_silently_when_the_first_is_killed(number):
    code = (
        "import time; from sentiment_cli.reviews.quality import signer as m; m._ALONE = 0\n"
        "with m.Signer() as own:\n"
        "    own.add(['a'])\n"
        "    print(flush=True)\n"
        "    time.sleep(60)\n"
    )
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, env=path) as first:
        first.stdout.readline()
        first.send_signal(number)
        # Both processes hold the other end of stderr: it ends when both have ended.
        assert first.communicate(timeout=PATIENCE)[1] == b""
    assert first.returncode == -number
