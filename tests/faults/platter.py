"""What a loss of power would leave of a folder: what was flushed, and perhaps more.

The content of a file is on the platter once the file was flushed, and a name once the folder that
holds it was. What was not flushed may be there or not.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest

CameThrough = Literal["nothing", "everything", "leaves"]
"""Which changes of names came through without a flush: those in no folder, in each folder, or in
the folders without further ones. Content came through only if it was flushed."""

CHANGES = ("open", "mkdir", "write", "fsync", "rename", "unlink", "rmdir")


class Platter:
    """Follows this process's calls, and knows what of the folder `root` is flushed.

    Whatever lies in `root` at the beginning is. `after_call` is called after each change.
    """

    def __init__(self, root: Path, after_call: Callable[[], None]) -> None:
        self.root = root
        self.after_call = after_call
        self.contents: dict[int, bytes] = {}
        self.names: dict[int, dict[str, int]] = {}
        self.identities: dict[int, int] = {}
        self.made = 0
        self.paths: dict[int, Path] = {}
        self.looking = False
        self._begin(root)

    def follow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand between this process and the operating system."""
        for name in CHANGES:
            monkeypatch.setattr(os, name, self._followed(name, getattr(os, name)))

    def image(self, to: Path, came_through: CameThrough) -> None:
        """Draw the folder as it would be after a loss of power now."""
        now = {self._identity(path): path for path in [self.root, *self.root.rglob("*")]}

        def names(identity: int) -> dict[str, int]:
            inside = list(now[identity].iterdir()) if identity in now else []
            leaf = not any(path.is_dir() for path in inside)
            if came_through == "everything" or (came_through == "leaves" and leaf):
                return {path.name: self._identity(path) for path in inside}
            return self.names[identity]

        def draw(identity: int, to: Path) -> None:
            if identity in self.contents:
                to.write_bytes(self.contents[identity])
            else:
                to.mkdir()
                for name, part in names(identity).items():
                    draw(part, to / name)

        draw(self._identity(self.root), to)

    def _followed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def followed(*args: Any, **kwargs: Any) -> Any:
            result = call(*args, **kwargs)
            if self.looking:
                return result
            if name == "open":
                if kwargs.get("dir_fd") is None:
                    self.paths[result] = Path(args[0])
                if not args[1] & os.O_CREAT:
                    return result
                self._new(Path(args[0]))
            elif name == "mkdir":
                self._new(Path(args[0]))
            elif name == "fsync":
                self._flush(self.paths[args[0]])
            self.looking = True
            self.after_call()
            self.looking = False
            return result

        return followed

    def _begin(self, path: Path) -> None:
        """Take `path` for flushed, with all that is in it."""
        self._new(path)
        if path.is_dir():
            for inside in path.iterdir():
                self._begin(inside)
        self._flush(path)

    def _new(self, path: Path) -> None:
        """Nothing of the new `path` is flushed. Its inode may have been a removed file's."""
        self.made += 1
        self.identities[path.stat().st_ino] = self.made
        if path.is_dir():
            self.names[self.made] = {}
        else:
            self.contents[self.made] = b""

    def _identity(self, path: Path) -> int:
        return self.identities[path.stat().st_ino]

    def _flush(self, path: Path) -> None:
        if path.is_dir():
            inside = {entry.name: self._identity(entry) for entry in path.iterdir()}
            self.names[self._identity(path)] = inside
        else:
            self.contents[self._identity(path)] = path.read_bytes()
