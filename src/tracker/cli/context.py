"""The record that a command asks, from files or a store, and the time of the system."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from tracker.model.errors import BadRequest, Severity

if TYPE_CHECKING:  # importing the model takes longer than parsing the command line
    from tracker.services.records import Tracker
    from tracker.services.stores import Origin
    from tracker.state.record import Record


class Flags(NamedTuple):
    """The global options, as given: environment and tracker.toml may say otherwise where one is not."""

    events: Path | None = None
    store: str | None = None
    replica: str | None = None


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


def flags(ctx: typer.Context) -> Flags:
    """The global options of a command."""
    given = ctx.obj
    assert isinstance(given, Flags)
    return given


def origin(ctx: typer.Context) -> "Origin":
    """Where the answers of a command come from, by flags, environment and tracker.toml.

    Raises: BadRequest.
    """
    from tracker.services.stores import resolve

    return resolve(**flags(ctx)._asdict())


def tracker(ctx: typer.Context) -> "Tracker":
    """The record to ask, until the command ends.

    Raises: DatasetErrors, BadRequest, and what the store raises.
    """
    from tracker.presentation.text import count
    from tracker.services import records

    place = origin(ctx)
    if place.events is None:
        from tracker.projections.load import opened

        def read(address: str) -> "Record":
            return ctx.with_resource(opened(address))

        return records.from_store(place.store, now(), note, replica=place.replica, read=read)
    tracker, warnings = records.from_files(folder(place.events), now())
    if number := sum(problem.severity is Severity.WARNING for problem in warnings):
        note(f"note: {count(number, 'warning')} about {place.events}: see `tracker check {place.events}`")
    return tracker


def store(ctx: typer.Context) -> str:
    """The address of the store, for commands that need one: `events` of environment and tracker.toml is not read.

    Raises: BadRequest.
    """
    return _stored(ctx).store


def readable(ctx: typer.Context) -> str:
    """The address to read the log from: of the store, or of its replica as soon as that has what the store has.

    Raises: BadRequest, and what the store raises.
    """
    from tracker.services.stores import where_to_read

    url, replica = _stored(ctx)[1:]
    return url if replica is None else where_to_read(url, note, replica)


def _stored(ctx: typer.Context) -> "Origin":
    from tracker.services.stores import resolve

    given = flags(ctx)
    if given.events is not None:
        raise BadRequest("--events answers from files and stores nothing: leave it out here")
    return resolve(store=given.store, replica=given.replica, ignore_events=True)


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
    """Progress bars on stderr, on a terminal only; advance one by the task's name, the amount done and the total."""
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
