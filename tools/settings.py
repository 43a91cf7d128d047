"""The page of all settings, as `config/schema.py` has them: `make docs` writes docs/settings.md.

python tools/settings.py FILE
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sentiment_cli.config.fields import section_of, words
from sentiment_cli.config.schema import Experiment
from sentiment_cli.config.writer import written

HEAD = """\
# Every setting

<!-- Written by `make docs` from sentiment_cli/config/schema.py: change it there. -->

A setting has one name everywhere: a key in its section of an experiment file, and
`--set section.key=value` on the command line, which goes before the file.

    sentiment train cereal --set model.cell=lstm --set training.epochs=2

Left out, it has its default. A file says only what differs; `config.yaml` in a run folder has every
setting as it ran. Paths are read from where the file lies, those of `--set` from where one stands.
Two more sections are no settings: `sweep`, which makes several experiments of one file for
`sentiment compare`, and `tune`, which says what `sentiment tune` may vary.
"""


def page() -> str:
    """Return the page."""
    return HEAD + "".join(_parts())


def _parts() -> Iterator[str]:
    fields = Experiment.model_fields
    sections = {name: section for name, field in fields.items() if (section := section_of(field))}
    yield "\n## At the top of the file\n" + _table("", Experiment)
    for name, section in sections.items():
        yield f"\n## `{name}`\n\n{section.__doc__}\n" + _table(f"{name}.", section)


def _table(prefix: str, section: type[BaseModel]) -> str:
    rows = [
        _row(prefix + name, field)
        for name, field in section.model_fields.items()
        if section_of(field) is None
    ]
    return "\n| setting | default | allowed | |\n|---|---|---|---|\n" + "".join(rows)


def _row(key: str, field: FieldInfo) -> str:
    told = " ".join((field.description or "").split())
    cells = [f"`{key}`", f"`{written(field.default)}`", words(field), told]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
