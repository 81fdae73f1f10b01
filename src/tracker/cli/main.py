"""The `tracker` command: global options, and the exit code and message of each error.

Every start pays for the imports of this module: typer and the standard library only, and the module of the command.
"""

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO

import typer
from typer.core import TyperGroup
from typer.models import CommandInfo

from tracker.cli.context import Flags, note
from tracker.model.errors import (
    BadRequest,
    Conflict,
    DatasetErrors,
    Forbidden,
    TrackerError,
    UnknownAnnouncement,
    UnknownDraft,
    UnknownSubject,
)

SUCCESS, INTERRUPTED = 0, 130
EXIT_CODES: dict[type[Exception], int] = {
    DatasetErrors: 1,  # the data has errors
    Conflict: 1,
    BadRequest: 2,  # wrong usage
    UnknownSubject: 2,
    UnknownAnnouncement: 2,
    UnknownDraft: 2,
    Forbidden: 2,
    typer.BadParameter.__mro__[1]: 2,  # UsageError, which typer does not export
    OSError: 3,  # a file or the store cannot be used
    TrackerError: 3,
}
GLOBAL_OPTIONS = ("--events", "--store", "--replica")
MODULES = {  # of tracker.cli.commands, by command; in the order of the help
    **dict.fromkeys(("state", "why", "history", "diff", "replay", "promises"), "states"),
    **dict.fromkeys(("routes", "needs"), "routes"),
    **dict.fromkeys(("announcements", "show", "log"), "announcements"),
    **dict.fromkeys(("check", "coverage", "load", "record", "correct", "retract", "rebuild"), "store"),
    **dict.fromkeys(("export", "states-at-scale"), "export"),
    "import": "importing",
    **dict.fromkeys(("serve", "config"), "serving"),
    **dict.fromkeys(("backup", "restore", "audit"), "audit"),
    **dict.fromkeys(("answer-proof", "verify-answer"), "answers"),
    **dict.fromkeys(("preview", "draft", "token"), "drafts"),
}
NOTHING = {  # done, where files have mistakes, by command; any other command answers a question
    **dict.fromkeys(("load", "record", "correct", "retract", "import", "draft"), "stored"),
    "serve": "served",
}
MAX_MESSAGE_CHARS = 1000

HELP = """
The state of every border, crossing, corridor, measure and instrument as of any date, from announcements alone.

\b
  tracker state --as-of 2025-10-28 --kind corridor
  tracker why tr-am-az --mode road --as-of 2025-10-28
  tracker history margara
  tracker diff 2025-10-20 2025-11-10

Exit codes: 0 fine, 1 the data has errors, 2 wrong usage, 3 a file or the store cannot be used.
"""


class CommandGroup(TyperGroup):
    """Commands that take global options anywhere, and end quietly when the reader of a pipe has gone."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(globals_first(args)))

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(SUCCESS) from None


def main(
    ctx: typer.Context,
    events: Annotated[
        Path | None,
        typer.Option("--events", metavar="DIR", help="Answer straight from the files in DIR; nothing is stored."),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            metavar="URL",
            help="The store to ask: a file, sqlite:///FILE or postgresql://…; or set TRACKER_STORE. "
            "By default a file in your data folder, filled with the default dataset on first use.",
        ),
    ] = None,
    replica: Annotated[
        str | None,
        typer.Option(
            "--replica",
            metavar="URL",
            help="Read from this streaming replica of the store: postgresql://…; or set TRACKER_REPLICA.",
        ),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """Keep the global options for the command."""
    if events is not None and store is not None:
        raise BadRequest("--events answers from files and --store from a store: give one of them")
    ctx.obj = Flags(events, store or None, replica)
    if any(name.upper().startswith("TRACKER_") for name in os.environ):
        from tracker.settings import unknown_variables

        for text in unknown_variables():
            note(f"note: {text}")
    if version:
        from importlib.metadata import version as installed

        from tracker.extras import DISTRIBUTION

        typer.echo(f"tracker {installed(DISTRIBUTION)}")
    elif ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def application(command: str | None = None) -> typer.Typer:
    """The command line with one command, or with all of them unless a known one is named."""
    app = typer.Typer(
        cls=CommandGroup,
        help=HELP,
        invoke_without_command=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(main)
    for module in [MODULES[command]] if command in MODULES else dict.fromkeys(MODULES.values()):
        import_module(f"tracker.cli.commands.{module}").add_to(app)
    if command in MODULES:  # typer takes 2 ms for each
        app.registered_commands = [info for info in app.registered_commands if _name(info) == command]
        app.registered_groups = [info for info in app.registered_groups if info.name == command]
    return app


def _name(command: CommandInfo) -> str:
    assert command.callback is not None
    return command.name or command.callback.__name__


def command_of(args: Sequence[str]) -> str | None:
    """The first word that is neither a global option nor its value."""
    words = iter(globals_first(args))
    for word in words:
        if word in GLOBAL_OPTIONS:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None


def globals_first(args: Sequence[str]) -> Iterator[str]:
    """The arguments with the global options first, wherever they stood before a `--`."""
    rest, words = [], iter(args)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in GLOBAL_OPTIONS:
            yield word
            yield from [value for value in [next(words, None)] if value is not None]
        elif word.startswith(tuple(f"{name}=" for name in GLOBAL_OPTIONS)):
            yield word
        else:
            rest.append(word)
    yield from rest


def run() -> NoReturn:
    """The entry point."""
    code = answer(sys.argv[1:])
    gc.freeze()  # or the interpreter, before it ends, takes a tenth of a second to look for cycles
    sys.exit(code)


def answer(args: Sequence[str]) -> int:
    """Run one command.

    Returns: the exit code.
    """
    _write_utf8(sys.stdout, sys.stderr)
    command = command_of(args)
    try:
        if any("\0" in word for word in args):
            raise BadRequest("an argument has a NUL character in it: leave it out")
        code = application(command)(list(args), prog_name="tracker", standalone_mode=False)
    except KeyboardInterrupt:
        return INTERRUPTED
    except tuple(EXIT_CODES) as error:
        _report(error, NOTHING.get(command or "", "answered"))
        return next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind))
    return code if isinstance(code, int) else SUCCESS


def _report(error: Exception, nothing: str) -> None:
    """Write an error to stderr in one line, below a line for each problem of a dataset.

    Args: nothing: the word for what was not done because of those problems.
    """
    if isinstance(error, DatasetErrors):
        from tracker.presentation.text import count

        for problem in error.problems:
            note(str(problem))
        note(f"tracker: {count(len(error.problems), 'problem')} in the files, nothing was {nothing}")
        return
    message = error.format_message() if isinstance(error, typer.exceptions.TyperException) else str(error)
    text = " ".join("".join(char if char.isprintable() else " " for char in message).split())
    note(f"tracker: {text if len(text) <= MAX_MESSAGE_CHARS else text[:MAX_MESSAGE_CHARS] + ' …'}")


def _write_utf8(*streams: TextIO) -> None:
    """Make streams write UTF-8 to a pipe, whatever the locale, and replace what a terminal cannot show."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:
            continue
        if stream.isatty():
            reconfigure(errors="replace")
        else:
            reconfigure(encoding="utf-8", errors="backslashreplace")
