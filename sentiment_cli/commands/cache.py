"""`sentiment cache`: what is cached, and how to remove it."""

from __future__ import annotations

from typing import Annotated

import typer

from sentiment_cli.commands.options import Json
from sentiment_cli.console import output


def command(
    clear: Annotated[
        bool, typer.Option("--clear", help="Remove everything that is listed.")
    ] = False,
    json: Json = False,
) -> None:
    """List what the cache holds, the last used first.

    The cache holds the token ids, n-gram counts, word vectors and linear models of each source, but
    no texts. Above 10 GB, the entries that were not used for longest are removed.
    SENTIMENT_CACHE names another folder.
    """
    from sentiment_cli.console.tables import local_time, show_table
    from sentiment_cli.reviews.cache import cache_folder, cached_contents, clear_cache

    contents = cached_contents()
    if json:
        for content in contents:
            output.json_line(
                {
                    "source": content.source,
                    "bytes": content.size,
                    "used": local_time(content.used),
                    "folder": str(content.folder),
                    "removed": clear,
                }
            )
    elif contents:
        rows = [
            (
                output.one_line(content.source.rsplit("/", 1)[-1], 40),
                f"{content.size / 1e6:,.1f}",
                (local_time(content.used) or "-")[:16].replace("T", " "),
            )
            for content in contents
        ]
        show_table([("source", "MB", "used"), *rows])
    if clear:
        freed = clear_cache()
        output.note(f"removed {freed / 1e6:,.1f} MB from {cache_folder()}")
    elif not contents:
        output.note(f"the cache {cache_folder()} is empty")
