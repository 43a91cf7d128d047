"""Pages in a real browser. A page's own file of tests asks for `opened` and brings its HTML.

Without playwright, a Chromium and axe-core these tests are skipped; `make test-pages` installs
them and runs them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (400, 1400)
SCHEMES = ("light", "dark")


@pytest.fixture(scope="session")
def browser():
    """Debian's or anyone's Chromium, driven by playwright."""
    library = pytest.importorskip("playwright.sync_api", reason="no playwright: make test-pages")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if program is None or not AXE.exists():
        pytest.skip("no Chromium or no axe-core: make test-pages")
    with library.sync_playwright() as playwright:
        # The sandbox needs rights that a container's root has not; the pages are our own.
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Open HTML as a file; at the end the console must have been silent and nothing fetched."""
    contexts, said = [], []

    def open_page(html, *, width=1400, scheme="light", motion="no-preference"):
        file = tmp_path / "page.html"
        file.write_bytes(html)
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion=motion
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("request", lambda asked: asked.url.startswith("file:") or said.append(asked.url))
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture(params=[(width, scheme) for width in WIDTHS for scheme in SCHEMES], ids=str)
def look(request):
    """Each width and each colour scheme, for `opened`."""
    return dict(zip(("width", "scheme"), request.param, strict=True))


def violations(page):
    """What axe-core finds wrong, each with the places."""
    # The page's own policy forbids scripts from elsewhere, so axe goes around it.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    return {rule["id"]: [node["html"][:120] for node in rule["nodes"]] for rule in found}


def is_wider_than_its_window(page):
    """Whether one would have to scroll sideways."""
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")
