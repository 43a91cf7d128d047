"""The page of `sentiment explain --html`, stepped through in a real browser."""

from __future__ import annotations

from functools import cache

import pytest
from support.predictor import predictor

from sentiment_cli.analysis.explanation.page import explain_page
from sentiment_cli.analysis.explanation.record import explain

from .conftest import is_wider_than_its_window, violations

TEXT = "A crunchy box, the zebra is good!"
LAST = 8


@cache
def html(cell="lstm", text=TEXT, num_layers=2, bidirectional=True, gradients=False):
    own = predictor(("bad", "good"), cell=cell, num_layers=num_layers, bidirectional=bidirectional)
    return explain_page(explain(own, text, gradients=gradients), "runs/tiny")


def said(page):
    return page.locator("#said").inner_text()


def current(page):
    return page.locator("[aria-current=step]").inner_text()


def test_axe_finds_nothing_wrong(opened, look):
    page = opened(html(gradients=True), motion="reduce", **look)
    assert violations(page) == {}
    assert not is_wider_than_its_window(page)


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_axe_finds_nothing_wrong_with_the_other_cells(opened, cell):
    assert violations(opened(html(cell), motion="reduce")) == {}


def test_arrow_keys_step_through_the_review(opened, look):
    page = opened(html(), **look)
    assert said(page).startswith("1 of 9. The cell state was empty; the input gate let")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert current(page) == "box"
    assert said(page).startswith("3 of 9. The forget gate kept")
    page.keyboard.press("ArrowLeft")
    assert current(page) == "crunchy"
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert current(page) == "!"
    page.keyboard.press("Home")
    assert current(page) == "A"


def test_every_control_is_reached_by_the_keyboard(opened):
    page = opened(html(gradients=True))
    reached = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
    assert {"tint", "back", "play", "next", "step", "layer", "direction", "view"} <= reached


def test_the_slider_tells_where_it_stands(opened):
    page = opened(html())
    page.focus("#step")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#step", "aria-valuetext") == "word 2 of 9: crunchy"
    assert current(page) == "crunchy"


def test_a_click_on_a_word_goes_to_it(opened, look):
    page = opened(html(), **look)
    page.click("text=zebra")
    assert current(page) == "zebra"
    page.keyboard.press("ArrowRight")
    assert current(page) == "is"


@pytest.mark.parametrize("plot", ["#units", "#verdict"])
def test_a_click_on_a_column_goes_to_its_word(opened, look, plot):
    page = opened(html(), **look)
    box = page.locator(plot).bounding_box()
    page.click(plot, position={"x": box["width"] * 2.5 / 9, "y": box["height"] / 2})
    assert current(page) == "box"


def test_it_plays_to_the_end_and_can_be_stopped(opened):
    page = opened(html())
    page.clock.install()
    page.keyboard.press(" ")
    assert page.inner_text("#play") == "Pause"
    assert page.get_attribute("#said", "aria-live") == "off"
    page.clock.run_for(1900)
    assert current(page) == "box"
    page.click("#play")
    page.clock.run_for(5000)
    assert current(page) == "box"
    page.click("#play")
    page.clock.run_for(20_000)
    assert current(page) == "!"
    assert page.inner_text("#play") == "Play"
    assert page.get_attribute("#said", "aria-live") == "polite"


def test_backward_begins_at_the_last_word(opened):
    page = opened(html())
    page.select_option("#direction", "1")
    page.focus("#play")
    page.keyboard.press("Home")
    assert current(page) == "!"
    assert "was empty" in said(page)
    page.keyboard.press("ArrowRight")
    assert current(page) == "good"


def test_another_layer_is_another_cell(opened):
    page = opened(html())
    page.keyboard.press("End")
    last = said(page)
    page.select_option("#layer", "0")
    assert said(page) != last


def test_the_drawing_shows_the_figures_of_the_sentence(opened):
    page = opened(html())
    page.keyboard.press("ArrowRight")
    shown = page.locator("#cell [data-value=f]").text_content()
    assert f"The forget gate kept {shown} of the cell state" in said(page)
    share = float(page.locator("[data-level=f]").get_attribute("style").split("(")[1].split(")")[0])
    assert f"{share:.0%}" == shown
    assert page.locator("#cell text[data-word]").text_content() == "crunchy"


def test_the_units_are_painted_anew_for_each_gate(opened):
    page = opened(html())
    pictures = set()
    for view in range(6):
        page.select_option("#view", str(view))
        pictures.add(page.evaluate("document.getElementById('units').toDataURL()"))
    assert len(pictures) == 6


def test_words_are_tinted_by_what_is_chosen(opened):
    page = opened(html())
    before = page.locator("#words").inner_html()
    page.select_option("#tint", "kept")
    assert page.locator("#words").inner_html() != before


def test_nothing_moves_where_the_system_asks_for_it(opened):
    page = opened(html(), motion="reduce")
    assert page.evaluate(
        "getComputedStyle(document.querySelector('.level')).transitionProperty"
    ) in (
        "none",
        "all",
    )
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_hostile_review_stays_text(opened):
    text = "</script><script>alert(1)</script> <img src=x onerror=alert(2)> \u202egood"
    page = opened(html(text=text))
    page.keyboard.press("End")
    assert current(page).endswith("good")


@pytest.mark.parametrize("text", ["", "zebra"])
def test_a_review_of_one_word_or_none(opened, text):
    page = opened(html(text=text))
    page.keyboard.press("ArrowRight")
    assert said(page).startswith("1 of 1.")


def test_without_layers_and_directions_there_is_no_switch(opened):
    page = opened(html("gru", num_layers=1, bidirectional=False))
    assert page.locator("#layer, #direction").count() == 0
