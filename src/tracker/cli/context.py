"""The record that a command asks, from files or a store, and the time of the system."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from tracker.model.errors import BadRequest

if TYPE_CHECKING:  # importing the model takes longer than parsing the command line
    from tracker.services.records import Tracker
    from tracker.state.record import Record


class Origin(NamedTuple):
    """From where the answers come."""

    events: Path | None = None
    store: str | None = None  # None: the default one
    replica: str | None = None  # of the store, to read from


def given(option: str, text: str | None) -> str | None:
    """The value of an option.

    Raises: BadRequest where it is empty, most likely from a shell variable that was not set.
    """
    if text is not None and not text.strip():
        raise BadRequest(f"{option} is empty: give a value, or leave the option out")
    return text


def note(words: str) -> None:
    """Print a note to stderr, beside the answer."""
    typer.echo(words, err=True)


def printable(text: str) -> str:
    """A line of text without the escape sequences and line breaks that it may hold."""
    return "".join(char if char.isprintable() else "�" for char in text)


def now() -> datetime:
    """The system's time, in the system's time zone. The only clock of the command line."""
    return datetime.now().astimezone()


def origin(ctx: typer.Context) -> Origin:
    found = ctx.obj
    assert isinstance(found, Origin)
    return found


def tracker(ctx: typer.Context) -> "Tracker":
    """The record to ask, until the command ends.

    Raises: DatasetErrors, BadRequest, and what the store raises.
    """
    from tracker.services import records

    asked = origin(ctx)
    if asked.events is None:
        from tracker.projections.load import opened

        def read(address: str) -> "Record":
            return ctx.with_resource(opened(address))

        return records.from_store(asked.store, now(), note, replica=asked.replica, read=read)
    found, warnings = records.from_files(folder(asked.events), now())
    if warnings:
        note(f"note: {len(warnings)} warnings about {asked.events}: see `tracker check {asked.events}`")
    return found


def store(ctx: typer.Context) -> str | None:
    """The URL of the store, for commands that need one.

    Raises: BadRequest.
    """
    asked = origin(ctx)
    if asked.events is not None:
        raise BadRequest("--events answers from files and stores nothing: leave it out here")
    return asked.store


def readable(ctx: typer.Context) -> str | None:
    """The URL to read the log from: of the store, or of its replica as soon as that has what the store has.

    Raises: BadRequest, and what the store raises.
    """
    from tracker.services import records

    url, replica = store(ctx), origin(ctx).replica
    return url if replica is None else records.where_to_read(url, note, replica)


def folder(path: Path) -> Path:
    """A folder that is there.

    Raises: BadRequest.
    """
    try:
        if path.is_dir():
            return path
    except (OSError, ValueError):  # a name that is too long, a NUL
        pass
    raise BadRequest(f"{str(path)!r} is not a folder: name the one that has registry/ in it")


def terminal() -> bool:
    """Whether the answer goes to a terminal."""
    return sys.stdout.isatty()


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr for each task, on a terminal only; advance it by its name, what is done, and the total."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def advance(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total)
            bar.update(tasks[name], completed=done, total=total)

        yield advance
