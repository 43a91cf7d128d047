"""One classifier, asked in any way."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.predictor import WORDS, predictor

from sentiment_cli.inference import engine

REVIEW = st.lists(st.sampled_from([*WORDS, "unheard"]), max_size=20).map(" ".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=10
)


@settings(deadline=None, max_examples=25)
@given(st.lists(REVIEW, min_size=1, max_size=12))
def test_one_by_one_and_in_bulk_answer_the_same(texts):
    numpy, torch = predictor(), predictor()
    torch.engine.use_torch()
    alone = [numpy([text])[0] for text in texts]
    for bulk in (predictor()(texts), torch(texts)):
        for one, other in zip(alone, bulk, strict=True):
            assert one.flags == other.flags
            assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)
            highest, second, *_ = sorted(one.probabilities.values(), reverse=True)
            assert one.label == other.label or highest - second < 1e-5


def test_the_answers_do_not_change_at_the_switch_to_torch(monkeypatch):
    monkeypatch.setattr(engine, "SWITCH_TOKENS", 5)
    own = predictor()
    rows = [[answer.probability for answer in own(["crunchy box"])] for _ in range(4)]
    monkeypatch.setattr(own.engine, "_replay", None)  # called no more
    rows += [[answer.probability for answer in own(["crunchy box"])]]
    assert rows[0] == pytest.approx(rows[-1], abs=1e-5)


def test_no_text_is_no_answer():
    assert predictor()([]) == []


def test_probabilities_sum_to_one_and_the_label_has_the_highest():
    answer = predictor()(["a crunchy box"])[0]
    assert sum(answer.probabilities.values()) == pytest.approx(1)
    assert answer.probability == max(answer.probabilities.values())
    assert answer.probabilities[answer.label] == answer.probability
