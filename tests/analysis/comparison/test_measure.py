"""The wait for a first answer."""

from __future__ import annotations

import math

from support.folders import forge, sound_files

from sentiment_cli.analysis.comparison.measure import cold_ms


def test_a_process_of_its_own_is_timed(tmp_path):
    assert cold_ms(forge(tmp_path / "run", sound_files())) > 10


def test_where_there_is_no_answer_there_is_no_time(tmp_path):
    assert math.isnan(cold_ms(tmp_path / "nowhere"))
