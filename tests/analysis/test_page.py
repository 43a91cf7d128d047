"""Pages that need nothing from elsewhere and that no review can break out of."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from sentiment_cli.analysis import page

FRAME = {"version": "1.2", "run": "runs/<lstm>"}
CHILD = """{% extends "base.html.j2" %}
{% block title %}{{ heading }}{% endblock %}
{% block body %}<p>{{ words }}</p>{% endblock %}
{% block data %}<script type="application/json" id="data">{{ data|tojson }}</script>{% endblock %}
"""


@pytest.fixture
def rendered(tmp_path, monkeypatch):
    """Render CHILD in a copy of the templates."""
    for template in page._TEMPLATES.iterdir():
        (tmp_path / template.name).write_bytes(template.read_bytes())
    (tmp_path / "child.html.j2").write_text(CHILD)
    monkeypatch.setattr(page, "_TEMPLATES", tmp_path)
    return lambda **content: page.render_page("child", **FRAME, **content).decode()


def test_content_is_escaped(rendered):
    html = rendered(heading="<b>", words="</p><script>alert(1)</script>", data=[])
    assert "alert(1)&lt;/script&gt;" in html
    assert html.count("<script") == 2
    assert html.count("&lt;b&gt;") == 2
    assert "runs/&lt;lstm&gt;" in html


def test_data_cannot_end_its_script(rendered):
    html = rendered(heading="h", words="", data={"token": "</script><!--"})
    assert html.count("</script>") == 2
    assert "<!--" not in html


def test_a_page_names_nothing_from_elsewhere(rendered):
    html = rendered(heading="h", words="", data=[])
    assert "default-src 'none'" in html
    assert not [link for link in ("http:", "https:", "@import", "url(", "src=") if link in html]


def test_a_number_that_json_lacks_is_an_error(rendered):
    with pytest.raises(ValueError, match="JSON"):
        rendered(heading="h", words="", data=[float("nan")])


def test_a_missing_name_is_an_error(rendered):
    with pytest.raises(UndefinedError):
        rendered(heading="h")
