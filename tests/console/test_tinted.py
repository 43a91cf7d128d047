"""A review on the screen, word by word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from support.predictor import predictor

from sentiment_cli.analysis.explanation.words import find_words
from sentiment_cli.console.tinted import tinted_lines


def lines(text, tints=None, curve=None, width=40):
    words = find_words(predictor().tokenizer, text)
    number = len(words.shown)
    return list(tinted_lines(words, tints or [0.1] * number, curve or [0.5] * number, width))


def test_the_curve_stands_below_each_word_and_its_end_behind_the_line():
    review, below = lines("good  box!", curve=[0.0, 0.5, 1.0])
    assert review.plain == "good box!"
    assert below.plain[:9] == "▁▁▁▁ ▄▄▄▇"
    assert below.plain.endswith(" 100%")


def test_words_for_and_against_have_colours_of_their_own():
    review, _ = lines("good box milk", tints=[0.9, -0.9, 0.01])
    styles = {review.plain[span.start : span.end]: str(span.style) for span in review.spans}
    assert set(styles) == {"good", "box"}
    assert styles["good"] != styles["box"]


def test_a_line_ends_at_a_space():
    assert [line.plain for line in lines("good milk box", width=17)[::2]] == ["good milk", "box"]


def test_a_mark_stays_with_its_word():
    assert [line.plain for line in lines("good milk!", width=15)[::2]] == ["good", "milk!"]


def test_words_left_out_by_the_cut_are_marked():
    (review, _) = lines("a b c d " * 5, width=90)
    assert review.plain.count("…") == 1


def test_markup_between_words_is_a_space():
    assert lines("good<br /><br/>box")[0].plain == "good box"


def test_no_colour_where_no_word_contributes():
    assert not lines("good box", tints=[0.0, 0.0])[0].spans


@given(st.text(max_size=60))
def test_any_text_fits_and_acts_on_no_terminal(text):
    for line in lines(text):
        assert cell_len(line.plain) <= 40
        assert not set(line.plain) & set("\x1b\x07\x9b\u202e\n\r")
