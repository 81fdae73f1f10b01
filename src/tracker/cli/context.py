"""Whom a command asks: files or a store, and when it is."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from tracker.model.errors import BadRequest

if TYPE_CHECKING:  # importing the model takes longer than parsing the command line
    from tracker.queries.clocks import Clocks
    from tracker.services.records import Tracker
    from tracker.state.record import Record


class Origin(NamedTuple):
    """From where the answers come."""

    events: Path | None = None
    store: str | None = None  # None: the default one
    replica: str | None = None  # of the store, to read from


class Asked(NamedTuple):
    """The clocks of a question, as written."""

    as_of: str | None = None
    announced_by: str | None = None
    recorded_by: str | None = None

    def on(self, tracker: "Tracker") -> "Clocks":
        """The clocks as the queries take them.

        Raises: BadRequest.
        """
        for name, text in (("as-of", self.as_of), ("announced-by", self.announced_by)):
            given(f"--{name}", text)
        given("--recorded-by", self.recorded_by)
        return tracker.clocks(self.as_of, self.announced_by, self.recorded_by)


def given(option: str, text: str | None) -> str | None:
    """The value of an option.

    Raises: BadRequest where it is an empty string: a shell variable that was not set, most likely.
    """
    if text is not None and not text.strip():
        raise BadRequest(f"{option} is empty: give a value, or leave the option out")
    return text


def note(words: str) -> None:
    """Say something beside the answer."""
    typer.echo(words, err=True)


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
    """Whether somebody is watching."""
    return sys.stdout.isatty()
