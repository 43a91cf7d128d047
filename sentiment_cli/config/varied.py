"""What a sweep and a search space have in common: settings by dotted key, and values by name."""

from __future__ import annotations

from sentiment_cli.config.faults import did_you_mean
from sentiment_cli.config.fields import walk
from sentiment_cli.config.nodes import ListNode, Node, Place, ScalarNode, shown
from sentiment_cli.config.schema import Experiment
from sentiment_cli.errors import UsageError


def require_setting(section: str, key: str, place: Place, *, hint: str) -> None:
    """Refuse a key that is no setting.

    Args:
        section: in which it stands.
        key: dotted.
        place: where it stands.
        hint: how the section is written.

    Raises:
        UsageError: it is none.
    """
    known = [name for name, _ in walk(Experiment)]
    if key not in known:
        meant = did_you_mean(key, known)
        question = f" (did you mean {meant}?)" if meant else ""
        raise UsageError(f"{place}: {section}: {shown(key)}: no such setting{question}", hint=hint)


def named(node: Node, longest: int = 30) -> str:
    """A value as it is called before people, on one line, each text in it cut to a length."""
    if isinstance(node, ScalarNode):
        return shown(node.text, longest) or "null"
    if isinstance(node, ListNode):
        return f"[{', '.join(named(item, longest) for item in node.items)}]"
    entries = (f"{shown(key)}: {named(value, longest)}" for key, value in node.entries.items())
    return f"{{{', '.join(entries)}}}"
