"""The page of `sentiment compare`."""

from __future__ import annotations

from support.cli import TINY, sentiment
from support.cli import compare_cells as compare


def test_a_page_has_the_verdict_first_and_loads_nothing(kept):
    answer = compare("--html", "page.html")
    assert answer.code == 0, answer.err
    page = (kept / "page.html").read_text(encoding="utf-8")
    order = [
        "<h1>",
        'class="verdict"',
        "<h2>Accuracy",
        "Learning curves",
        "disagree most",
        "Settings",
    ]
    places = [page.index(part) for part in order]
    assert places == sorted(places)
    assert "http" not in page.replace("http-equiv", "")
    assert "hidden_size: 8" in page
    assert str(kept) not in page


def test_a_page_quotes_reviews_unless_it_is_told_not_to(kept):
    texts = [line.rpartition(",")[0] for line in (kept / "reviews.csv").read_text().splitlines()]
    assert compare("--html", "page.html").code == 0
    assert any(text in (kept / "page.html").read_text() for text in texts[1:])
    assert compare("--html", "page.html", "--no-texts", "--force").code == 0
    assert not any(text in (kept / "page.html").read_text() for text in texts[1:])


def test_a_page_stays_one_whatever_a_review_or_a_name_holds(kept):
    (kept / "cells.yaml").rename(kept / "<b>.yaml")
    (kept / "reviews.csv").unlink()
    rows = "".join(
        f'"{word} <script>alert(1)</script> {at}",{label}\n'
        for at in range(60)
        for word, label in (("stale", "bad"), ("fresh", "good"))
    )
    (kept / "reviews.csv").write_text(f"text,label\n{rows}")
    (kept / "one.yaml").write_text(TINY.replace("epochs: 4", "epochs: 1"))
    answer = sentiment("compare", "<b>.yaml", "one.yaml", "--seeds", 1, "--html", "page.html")
    assert answer.code == 0, answer.err
    page = (kept / "page.html").read_text()
    assert "<b>" not in page
    assert "&lt;b&gt;: gru" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
