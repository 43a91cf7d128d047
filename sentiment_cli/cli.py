"""The command line: one registering line a command; every fault becomes an exit code."""

from __future__ import annotations

import difflib
import os
import shlex
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.exceptions import Exit, TyperException

from sentiment_cli import __version__
from sentiment_cli.commands import (
    cache,
    compare,
    explain,
    export,
    inspect,
    memory,
    predict,
    runs,
    train,
    tune,
)
from sentiment_cli.commands import eval as eval_
from sentiment_cli.console import output
from sentiment_cli.errors import (
    EnvironmentFault,
    OutputExistsError,
    SentimentError,
    UsageError,
)

STDOUT_CLOSED = 128 + signal.SIGPIPE


class _StdoutClosedError(Exception):
    """Nobody reads the results any more."""


_KINDS = {"int range": "whole number", "float range": "number"}
"""What the library calls a value, and what everyone does."""


def _set_quiet(ctx: Any, _: Any, value: bool) -> None:
    output.quiet = value or (ctx.parent is not None and output.quiet)


_QUIET = TyperOption(
    param_decls=["--quiet", "-q"],
    is_flag=True,
    default=False,
    expose_value=False,
    is_eager=True,
    callback=_set_quiet,
    help="Write only results and errors.",
)


class _Command(TyperCommand):
    """A command that has the option of all commands."""

    def get_params(self, ctx: Any) -> list[Any]:
        *own, of_help = super().get_params(ctx)
        return [*own, _QUIET, of_help]


class _Group(TyperGroup):
    """Turns every exception into a message on stderr and the exit code of its kind."""

    def get_params(self, ctx: Any) -> list[Any]:
        *own, of_help = super().get_params(ctx)
        return [*own, _QUIET, of_help]

    def main(self, args: Any = None, *more: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        run = super().main
        typed = sys.argv[1:] if args is None else list(args)
        sys.exit(_exit_code(lambda: run(args, *more, **kwargs), typed))

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as fault:
            raise _StdoutClosedError from fault  # the library would make it exit code 1

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        known = self.list_commands(ctx)
        if args and args[0] not in known:
            raise UsageError(f"there is no command {args[0]!r}", hint=_meant(args[0], known))
        return super().resolve_command(ctx, args)


def _meant(word: str, known: list[str]) -> str:
    """What someone may have meant who typed a word where a command stands."""
    if word in ("help", "version"):
        return f"sentiment --{word}"
    if " " in word:
        return f"to judge a review: sentiment predict {shlex.quote(output.one_line(word, 60))}"
    if os.path.isfile(word):  # noqa: PTH113
        command = "train" if word.endswith((".yaml", ".yml")) else "inspect"
        return f"sentiment {command} {shlex.quote(output.one_line(word))}"
    near = difflib.get_close_matches(word.lower(), known, n=1)
    return (f"did you mean {near[0]}? " if near else "") + f"commands: {', '.join(known)}"


def _way_on(what: str, ctx: Any, typed: list[str]) -> str:
    """Return what to type instead of a command line that the library could not read."""
    path = ctx.command_path if ctx else "sentiment"
    names = {one.name for one in ctx.command.params} if ctx else set()
    if what.startswith("No such option: --text ") and names & {"texts", "text"}:
        return _without_text_option(path, typed)
    if path.endswith(" predict") and what.startswith("No such option"):
        return f'{path} --help; a review that begins with a dash: {path} -- "-the review"'
    if "unexpected extra argument" in what and "run" in names:
        return f"{path} --help; a run folder is named by --run DIR"
    return f"{path} --help"


def _without_text_option(path: str, typed: list[str]) -> str:
    """Return the command with the review that followed `--text` as its argument."""
    if "--file" in typed or "-" in typed:
        return "the option for a column is --text-column"
    at = next(at for at, word in enumerate(typed) if word.partition("=")[0] == "--text")
    text = typed[at].partition("=")[2] or next(iter(typed[at + 1 :]), "") or "the review"
    text = output.one_line(text, 60)
    plain = set(text).isdisjoint('"\\$`!')
    return f'{path} "{text}"' if plain else f"{path} {shlex.quote(text)}"


def _forced(typed: list[str]) -> str:
    """Return a command line with `--force`."""
    at = typed.index("--") if "--" in typed else len(typed)
    return shlex.join(["sentiment", *typed[:at], "--force", *typed[at:]])


def _add(name: str, command: Callable[..., None]) -> None:
    """Register a command; a paragraph of its docstring is a paragraph of its help."""
    paragraphs = (command.__doc__ or "").split("\n\n")
    app.command(
        name, cls=_Command, help="\n\n".join(" ".join(text.split()) for text in paragraphs)
    )(command)


_FIRST_STEPS = """Begin with one of these:

sentiment predict "the review"    is it good or bad?

sentiment inspect reviews.csv --write-config my.yaml    a file of your own

sentiment train my.yaml    a classifier of your own"""

app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Train, evaluate and use RNN, LSTM and GRU classifiers of reviews.",
    epilog=_FIRST_STEPS,
)
_add("train", train.command)
_add("tune", tune.command)
_add("eval", eval_.command)
_add("predict", predict.command)
_add("compare", compare.command)
_add("explain", explain.command)
_add("inspect", inspect.command)
_add("memory", memory.command)
_add("runs", runs.command)
_add("export", export.command)
_add("cache", cache.command)


def _show_version(wanted: bool) -> None:
    if wanted:
        output.result(f"sentiment {__version__}")
        raise Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    pass


def _exit_code(call: Any, typed: list[str]) -> int:
    try:
        code = call()
        output.flush()
        return code if isinstance(code, int) else 0
    except SentimentError as fault:
        exists = isinstance(fault, OutputExistsError)
        output.fault(fault.what, _forced(typed) if exists else fault.hint)
        return fault.exit_code
    except TyperException as fault:
        ctx = getattr(fault, "ctx", None)
        if not (what := fault.format_message()):
            return fault.exit_code  # the help was all there is to say
        for theirs, plain in _KINDS.items():
            what = what.replace(f"a valid {theirs}.", f"a {plain}.")
        output.fault(what, _way_on(what, ctx, typed))
        return fault.exit_code
    except (_StdoutClosedError, BrokenPipeError):
        _drop_results()
        return STDOUT_CLOSED
    except OSError as fault:  # what no room tells better: a disk that is full under stdout
        _drop_results()
        output.fault(f"the system refuses: {fault}", "look at the disk that is written to")
        return EnvironmentFault.exit_code
    except MemoryError:
        output.fault("the memory is not enough", "a smaller model, or fewer reviews at once")
        return EnvironmentFault.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Exception as bug:
        return _report_bug(bug)


def _drop_results() -> None:
    """Let what is still buffered for stdout go, which takes no more."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_bug(bug: Exception) -> int:
    """Keep the traceback in a file that only its owner can read: it may quote a review."""
    import tempfile
    import traceback

    descriptor, path = tempfile.mkstemp(prefix="sentiment-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8") as log:
        # The exception's own text may quote a review: only the places are written.
        log.write(f"sentiment {__version__}, Python {sys.version}\n")
        log.write("".join(traceback.format_tb(bug.__traceback__)))
        log.write(type(bug).__name__ + "\n")
    output.fault(
        f"this is a bug: {type(bug).__name__}", f"please report it with the traceback in {path}"
    )
    return 1
