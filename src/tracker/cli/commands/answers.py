"""The commands `answer-proof` and `verify-answer`: an answer with its evidence in one file. See docs/trust.md."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli import json_output
from tracker.cli.commands.audit import KeyFile, Known, Public, read_input, read_key
from tracker.cli.context import note, now, printable, store
from tracker.cli.options import AsJson, ClockOptions, LaneOptions
from tracker.model.errors import BadRequest

if TYPE_CHECKING:
    from tracker.services.answer_proofs import CheckedAnswer

QUESTION = "state"  # the command whose answers are proved


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (answer_proof, verify_answer):
        app.command(command.__name__.replace("_", "-"))(command)


def answer_proof(
    ctx: typer.Context,
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help='In quotes: "state margara --as-of 2025-10-28".')
    ],
    against: Annotated[
        Path | None, typer.Option("--checkpoint", metavar="FILE", help="The checkpoint to prove it against.")
    ] = None,
    key: KeyFile = None,
) -> None:  # fmt: skip
    """Answer a question with its evidence, in JSON that `verify-answer` checks without the store."""
    values = _asked(ctx, question)
    url = store(ctx)
    from tracker.services import answer_proofs

    lanes = LaneOptions(*(values[name] for name in LaneOptions._fields))
    selection = lanes.selection(values["subjects"], values["kind"], values["status"])
    clocks = ClockOptions(*(values[name] for name in ClockOptions._fields))
    known = None if against is None else read_input(against)
    json_output.show(
        [
            answer_proofs.make(
                url,
                selection,
                (clocks.as_of, clocks.announced_by, clocks.recorded_by),
                now(),
                note,
                note=known,
                key=key,
            )
        ],
        one=True,
    )


def _asked(ctx: typer.Context, question: str) -> dict[str, Any]:
    """The options of the question, as its command reads them.

    Raises: BadRequest, and click's errors of usage.
    """
    try:
        name, *arguments = shlex.split(question)
    except ValueError as error:
        raise BadRequest(f"the question {question!r} cannot be read: {error}") from error
    if name != QUESTION:
        raise BadRequest(f'only answers of `{QUESTION}` are proved: write "state SUBJECT --as-of DATE"')
    from tracker.cli.main import application

    command = typer.main.get_command(application(QUESTION))
    values = dict(command.get_command(ctx, QUESTION).make_context(QUESTION, arguments).params)  # type: ignore[attr-defined]
    if values["supposed"]:
        raise BadRequest("an answer with --suppose rests on what nobody said: leave it out")
    return values


def verify_answer(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="- is stdin.")],
    known: Known = None, public_key: Public = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Check an answer and its evidence. Needs no store: only --public-key, or a --checkpoint from elsewhere."""
    from tracker.services import answer_proofs

    text = read_input(file, answer_proofs.MAX_ANSWER_BYTES)
    checked = answer_proofs.check(text, notes=[read_input(one) for one in known or ()], key=read_key(public_key))
    if as_json:
        json_output.show([checked], one=True)
    else:
        _tell(checked)
    if not checked.signed_by and not checked.checkpoints:
        note("note: the proof fits itself, which anybody could make: add --public-key, or --checkpoint from elsewhere")


def _tell(checked: "CheckedAnswer") -> None:
    from tracker.audit.signed_notes import encoded

    for answer in checked.answer:
        lanes = answer.get("lanes")
        what = (
            "; ".join(f"{lane['mode']} {lane['traffic']} {lane['direction']} {lane['status']}" for lane in lanes)
            if lanes is not None
            else answer.get("state") or answer.get("stage")
        )
        typer.echo(printable(f"{answer['subject']}, as of {answer['as_of']}: {what or 'nothing'}"))
    by = f", signed by {checked.signed_by}" if checked.signed_by else ""
    typer.echo(
        printable(
            f"follows from {checked.statements:,} statements and entries in the log of {checked.size:,} events, "
            f"root {encoded(checked.root)}, of {checked.origin}{by}"
        )
    )
