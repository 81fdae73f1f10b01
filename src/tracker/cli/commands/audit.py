"""The commands `audit` (checkpoints, proofs, verification), `backup` and `restore`; see docs/trust.md."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import json_output
from tracker.cli.context import given, note, printable, store
from tracker.cli.options import AsJson
from tracker.model.errors import BadRequest

if TYPE_CHECKING:
    from tracker.audit.checkpoints import LogCheckpoint
    from tracker.audit.proofs import CheckedProof
    from tracker.audit.signed_notes import PublicKey
    from tracker.services.verification import LogVerification

KeyFile = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", envvar="TRACKER_KEY", help="The private key, made by `keygen`."),
]
Known = Annotated[
    list[Path] | None,
    typer.Option("--checkpoint", metavar="FILE", help="A checkpoint that you have from elsewhere; - is stdin."),
]
Public = Annotated[
    str | None,
    typer.Option(
        "--public-key", metavar="KEY", envvar="TRACKER_PUBLIC_KEY", help="Whose signatures count: the key, or its file."
    ),
]
Archive = Annotated[Path, typer.Argument(metavar="FILE", help="The archive: a gzip file of JSON lines.")]
_SIZE = typer.Argument(metavar="SIZE", min=0)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(backup)
    app.command()(restore)
    audit = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
    audit.callback()(overview)
    for command in (keygen, checkpoint, sign, prove, consistency, verify, verify_proof):
        audit.command(command.__name__.replace("_", "-"))(command)
    app.add_typer(audit, name="audit")


def overview(ctx: typer.Context) -> None:
    """Show that nothing on the record was altered, removed, back-dated or reordered."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def keygen(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the private key goes; .pub and .last beside it.")],
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="The log's name, like an address: example.org/record.")
    ],
) -> None:
    """Make a key to sign checkpoints with. It is printed nowhere; the public key is."""
    from tracker.services import audit

    typer.echo(audit.keygen(file, name))


def checkpoint(
    ctx: typer.Context,
    key: KeyFile = None,
    since: Annotated[
        int | None,
        typer.Option(
            "--since", metavar="SIZE", min=0,
            help="Do not sign: ask a signer elsewhere, who signed a checkpoint of this size last (0: none).",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--origin", metavar="NAME", help="With --since: the name in the signer's key.")
    ] = None,
) -> None:  # fmt: skip
    """Print a signed note about the log as it stands: its name, size and root. Publish it."""
    url = store(ctx)
    from tracker.services import audit

    if since is not None:
        if name is None:
            raise BadRequest("--since needs --origin NAME, the name in the signer's key")
        _print(audit.request(url, name, since))
    elif key is None:
        raise BadRequest(
            "a checkpoint is signed: give --key FILE (see `tracker audit keygen`), or ask for what a signer on another "
            "machine needs with --since SIZE --origin NAME"
        )
    else:
        _print(audit.checkpoint(url, key))


def sign(
    file: Annotated[Path, typer.Option("--checkpoint", metavar="FILE", help="The text to sign; - is stdin.")],
    key: KeyFile = None,
) -> None:
    """Sign what `checkpoint --since` asks for, if it extends the checkpoint signed last. Needs no store."""
    from tracker.services import audit

    if key is None:
        raise BadRequest("give --key FILE (see `tracker audit keygen`)")
    _print(audit.sign(read_input(file), key))


def prove(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="The id of a statement, or position:N.")],
    against: Annotated[
        Path | None, typer.Option("--checkpoint", metavar="FILE", help="The checkpoint to prove it against.")
    ] = None,
    key: KeyFile = None,
) -> None:
    """Prove that a statement is in the log of a checkpoint, in JSON that `verify-proof` checks without the store."""
    url = store(ctx)
    from tracker.services import audit

    known = None if against is None else read_input(against)
    json_output.show([audit.prove(url, name, note=known, key=key)], one=True)


def consistency(ctx: typer.Context, size1: Annotated[int, _SIZE], size2: Annotated[int, _SIZE]) -> None:
    """Prove that the log of SIZE2 events begins with that of SIZE1, in JSON."""
    url = store(ctx)
    from tracker.services import audit

    json_output.show([audit.consistency(url, size1, size2)], one=True)


def verify(
    ctx: typer.Context, known: Known = None, public_key: Public = None,
    log_only: Annotated[
        bool, typer.Option("--log-only", help="Only the log: not the tables that answers come from.")
    ] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Recompute the log and the tables that are derived from it, and name what was altered. Exit code 1 if so."""
    url = store(ctx)
    from tracker.services import verification

    result = verification.verify(url, notes=_notes(known), key=read_key(public_key), log_only=log_only)
    if as_json:
        json_output.show([result], one=True)
    else:
        _tell(result)
    for reason in result.skipped:
        note(f"note: not looked at: {reason}")
    if result.checkpoints and not result.signed_by:
        note("note: who signed the checkpoints was not checked: add --public-key")
    if not result.intact:
        raise typer.Exit(1)


def verify_proof(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="- is stdin.")],
    known: Known = None, public_key: Public = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Check a proof. Needs no store: only --public-key, or a --checkpoint that you have from elsewhere."""
    from tracker.services import audit

    text = read_input(file)
    proven = audit.verify_proof(text, notes=_notes(known), key=read_key(public_key))
    if as_json:
        json_output.show([proven], one=True)
    else:
        _tell_proven(proven)
    if not proven.signed_by and not proven.checkpoints:
        note("note: the proof fits itself, which anybody could make: add --public-key, or --checkpoint from elsewhere")


def _tell(result: "LogVerification") -> None:
    from tracker.audit.signed_notes import encoded

    for finding in result.findings:
        where = "the store" if finding.position is None else f"position {finding.position}"
        _print(f"{where}: {finding.message}\n")
    if not result.intact:
        first = next((finding.position for finding in result.findings if finding.position is not None), None)
        where = "" if first is None else f"; the first position that differs is {first}"
        _print(f"NOT INTACT: {len(result.findings)} findings among {result.size:,} leaves{where}\n")
        return
    _print(
        f"Intact: {result.size:,} events, the last at position {result.last_position}, root {encoded(result.root)}\n"
    )
    if len(result.checks) > 1:
        _print(f"As the log makes it, or as it was made: {', '.join(result.checks[1:])}\n")
    if result.checkpoints:
        by = f", signed by {result.signed_by}" if result.signed_by else ""
        _print(f"It extends {result.checkpoints} of {result.checkpoints} checkpoints{by}\n")


def _tell_proven(proven: "CheckedProof") -> None:
    from tracker.audit.signed_notes import encoded

    log = f"the log of {proven.size:,} events, root {encoded(proven.root)}"
    if proven.event is not None:
        event = proven.event
        about = [part.get("id") for part in event.content.values() if isinstance(part, dict)]
        recorder = event.content.get("recorded_by")
        by = f" by {recorder}" if recorder else ""
        by += f", approved by {event.content['approved_by']}" if event.content.get("approved_by") else ""
        _print(
            f"{event.type} {about[0] if about else ''}, recorded {event.recorded_at}{by}, position {event.position}\n"
        )
        _print(f"is leaf {proven.index} of {log}\n")
    else:
        _print(f"{log}\nbegins with the log of {proven.extends:,}\n")
    if proven.origin and (proven.signed_by or proven.checkpoints):
        _print(f"of {proven.origin}{f', signed by {proven.signed_by}' if proven.signed_by else ''}\n")


def backup(ctx: typer.Context, file: Archive, key: KeyFile = None) -> None:
    """Write the whole log into a new file, with a checkpoint inside, which --key signs."""
    url = store(ctx)
    from tracker.services import audit

    typer.echo(f"{file} holds {_size_and_root(audit.backup(url, file, key))}")


def restore(
    ctx: typer.Context, file: Archive, public_key: Public = None,
    no_rules: Annotated[
        bool, typer.Option("--no-rules", help="Also what the rules of `load` refuse today: for logs of older versions.")
    ] = False,
) -> None:  # fmt: skip
    """Put the log of an archive into an empty store: all of it, or nothing if it is not what its checkpoint says."""
    url = store(ctx)
    from tracker.services import audit

    key = read_key(public_key)
    typer.echo(f"The store holds {_size_and_root(audit.restore(url, file, key, rules=not no_rules))}")
    if key is None:
        note("note: who signed the archive was not checked: add --public-key")


def _size_and_root(checkpoint: "LogCheckpoint") -> str:
    from tracker.audit.signed_notes import encoded

    return f"{checkpoint.size:,} events, root {encoded(checkpoint.root)}"


def _print(text: str) -> None:
    """Write lines that may hold words of a file from elsewhere."""
    sys.stdout.write("\n".join(map(printable, text.split("\n"))))


def _notes(files: list[Path] | None) -> list[str]:
    return [read_input(file) for file in files or ()]


def read_key(text: str | None) -> "PublicKey | None":
    """A public key, or the one in the file of that name."""
    from tracker.services import audit

    if given("--public-key", text) is None or text is None:
        return None
    looks_like_one = text.count("+") >= 2 and not Path(text).exists()
    return audit.public_key(text if looks_like_one else read_input(Path(text)))


def read_input(file: Path, max_bytes: int | None = None) -> str:
    """The text of a file, or of standard input where it is called -."""
    from tracker.audit.checkpoints import MAX_FILE_BYTES, read_small

    limit = max_bytes or MAX_FILE_BYTES
    return sys.stdin.read(limit + 1) if str(file) == "-" else read_small(file, limit)
