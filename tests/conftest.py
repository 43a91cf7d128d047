"""What every test leaves behind as it found it."""

from __future__ import annotations

import os
import signal
import sys

import pytest


def pytest_configure():
    """A shell that runs the tests in the background lets its children ignore SIGINT.

    onnxruntime reads the variable when it is imported.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _cache_of_the_tests(tmp_path_factory):
    """No test writes into the cache of the person who runs it."""
    if "SENTIMENT_CACHE" not in os.environ:
        os.environ["SENTIMENT_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def _denormal_floats_are_back():
    """Training flushes them for the whole process, and hypothesis refuses to draw floats then."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
