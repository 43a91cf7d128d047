"""The page of `sentiment memory --html` in a real browser."""

from __future__ import annotations

from itertools import combinations

import pytest
from support.memory import report

from sentiment_cli.analysis.memory.page import memory_page

from .conftest import is_wider_than_its_window, violations

START = report("", rate=0.7)["gradient"]
RUNS = [
    report("runs/guide-rnn", rate=0.6, start_gradient=START, start_half_life=1.9),
    report("runs/guide-lstm", rate=0.97, start_gradient=START, start_half_life=1.9),
    report("runs/guide-gru", rate=0.99, planted_half=None),
    report("runs/another", half_life=None, half_life_interval=None),
]


@pytest.mark.parametrize("runs", [RUNS[:1], RUNS], ids=["one run", "four runs"])
def test_axe_finds_nothing_wrong(opened, look, runs):
    page = opened(memory_page(runs), **look)
    page.locator("details").evaluate("details => details.open = true")
    assert violations(page) == {}
    assert not is_wider_than_its_window(page)


def labels(figure):
    """The left, top, right and lower edge of each text in a drawing."""
    return figure.locator("text").evaluate_all(
        "all => all.map(text => text.getBoundingClientRect())"
        ".map(box => [box.left, box.top, box.right, box.bottom])"
    )


def test_labels_are_large_enough_to_read_and_do_not_touch(opened, look):
    page = opened(memory_page(RUNS), **look)
    for figure in page.locator("figure").all():
        boxes = labels(figure)
        assert min(bottom - top for _, top, _, bottom in boxes) >= 11
        for (left, top, right, bottom), other in combinations(boxes, 2):
            overlap = min(right, other[2]) - max(left, other[0])
            height = min(bottom, other[3]) - max(top, other[1])
            assert overlap <= 0 or height <= 2


def test_curves_differ_in_colour_and_in_mark(opened):
    page = opened(memory_page(RUNS))
    entries = page.locator(".legend").first.locator("li g")
    colours = entries.evaluate_all("all => all.map(g => getComputedStyle(g).color)")
    marks = entries.evaluate_all("all => all.map(g => g.lastElementChild.outerHTML)")
    assert len(set(colours[:4])) == 4
    assert len(set(marks[:4])) == 4


def test_the_figures_are_opened_by_the_keyboard(opened):
    page = opened(memory_page(RUNS))
    page.focus("summary")
    page.keyboard.press("Enter")
    assert page.locator("details table").is_visible()
    assert page.locator("details tbody th").all_inner_texts()[:3] == ["0", "5", "10"]


def test_a_wide_table_is_scrolled_by_the_keyboard(opened):
    page = opened(memory_page(RUNS), width=400)
    page.locator("details").evaluate("details => details.open = true")
    table = page.locator("details .wide")
    table.evaluate("wide => wide.onscroll = () => { wide.dataset.scrolled = '' }")
    table.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("details .wide[data-scrolled]")
