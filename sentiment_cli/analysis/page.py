"""One HTML file that needs no other: templates of `pages/`, script, style and data inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Path(__file__).parent / "pages"


def render_page(template: str, **content: Any) -> bytes:
    """Return the page that a template of `pages/` makes of its content.

    All of the content is escaped. A template embeds data with `|tojson`, which spells out `<`, so
    that no review can end the script it stands in; the policy in `base.html.j2` lets a page load
    nothing from anywhere.

    Args:
        template: its file's name without `.html.j2`.
        content: what its blocks ask for; a name that is missing is an error.
    """
    pages = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return pages.get_template(f"{template}.html.j2").render(content).encode()
