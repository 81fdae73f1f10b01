"""The commands that carry a whole log from one store to another: `backup`, `restore`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.commands.audit import KeyFile, Public, read_key
from tracker.cli.context import note, store

if TYPE_CHECKING:
    from tracker.audit.checkpoints import LogCheckpoint

Archive = Annotated[Path, typer.Argument(metavar="FILE", help="The archive: a gzip file of JSON lines.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (backup, restore):
        app.command()(command)


def backup(ctx: typer.Context, file: Archive, key: KeyFile = None) -> None:
    """Write the whole log into a new file, with a checkpoint inside, which --key signs."""
    url = store(ctx)
    from tracker.services import audit

    typer.echo(f"{file} holds {_log(audit.backup(url, file, key))}")


def restore(ctx: typer.Context, file: Archive, public_key: Public = None) -> None:
    """Put the log of an archive into an empty store: all of it, or nothing if it is not what its checkpoint says."""
    url = store(ctx)
    from tracker.services import audit

    key = read_key(public_key)
    typer.echo(f"The store holds {_log(audit.restore(url, file, key))}")
    if key is None:
        note("note: who signed the archive was not checked: add --public-key")


def _log(checkpoint: "LogCheckpoint") -> str:
    from tracker.audit.signed_notes import encoded

    return f"{checkpoint.size:,} events, root {encoded(checkpoint.root)}"
