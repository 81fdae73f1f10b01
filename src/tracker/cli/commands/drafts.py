"""The commands `preview`, `draft` and `token`: writing with approval, and over HTTP; see docs/writing.md."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import json_output
from tracker.cli.context import given, note, now, printable, store
from tracker.cli.options import AsJson, ClockOptions
from tracker.model.errors import BadRequest

if TYPE_CHECKING:
    from tracker.store.drafts import Done
    from tracker.store.tokens import TokenScope

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Announcements, corrections, retractions.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who you are.")]
Draft = Annotated[str, typer.Argument(metavar="DRAFT", help="The id of a draft, as `tracker draft list` shows it.")]
NO_EXPIRY = "never"


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(preview)
    draft = typer.Typer(invoke_without_command=True, rich_markup_mode=None, help="Hand in, approve and reject drafts.")
    draft.command("submit")(submit)
    draft.command("list")(list_drafts)
    draft.command("show")(show_draft)
    draft.command("approve")(approve)
    draft.command("reject")(reject)
    token = typer.Typer(
        invoke_without_command=True, rich_markup_mode=None, help="Manage the tokens for writing over HTTP."
    )
    token.command("create")(create)
    token.command("list")(list_tokens)
    token.command("revoke")(revoke)
    for name, group in {"draft": draft, "token": token}.items():
        group.callback()(overview)
        app.add_typer(group, name=name)


def overview(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def preview(ctx: typer.Context, files: Files, as_json: AsJson = False) -> None:
    """Show what files would change if they were recorded. Nothing is stored."""
    record, at = ClockOptions().ask(ctx)
    from tracker.presentation.text import period
    from tracker.services import drafting

    answer = drafting.preview_files(record, files, at)
    if as_json:
        json_output.show([answer], one=True)
        return
    for warning in answer.warnings:
        note(f"warning: {printable(warning)}")
    for change in answer.changes:
        typer.echo(f"{change.words}, {period(change.begins, change.until)}")
    for words in [one.words for one in answer.pledges] + [one.words for one in answer.exemptions]:
        typer.echo(words)
    if not answer.changes and not answer.pledges:
        typer.echo("No state would change.")


def submit(ctx: typer.Context, files: Files, by: By) -> None:
    """Hand in files as drafts, for another person to approve."""
    url = store(ctx)
    given("--by", by)
    from tracker.services import drafting

    for done in drafting.submit_files(url, files, by=by):
        _report(done)


def list_drafts(
    ctx: typer.Context,
    status: Annotated[str, typer.Option("--status", help="waiting, approved, rejected or all.")] = "waiting",
    as_json: AsJson = False,
) -> None:
    """List drafts: those that wait for approval, unless --status says otherwise."""
    url = store(ctx)
    from tracker.queries.log import DraftStatus
    from tracker.services import drafting

    if status not in (*DraftStatus, "all"):
        raise BadRequest(f"--status {status!r}: write {', '.join(DraftStatus)} or all")
    drafts = drafting.list_drafts(url, None if status == "all" else DraftStatus(status))
    if as_json:
        json_output.show(drafts, one=False)
        return
    for draft in drafts:
        decided = f", {draft.status} by {draft.decided_by or 'somebody'}" if draft.decided_at else ""
        reason = f": {draft.reason}" if draft.reason else ""
        by = draft.submitted_by or "somebody"
        line = f"{draft.draft}  {draft.submitted_at:%Y-%m-%d}  {draft.kind} {draft.id}, by {by}{decided}{reason}"
        typer.echo(printable(line))
    if not drafts:
        typer.echo("There is no such draft.")


def show_draft(ctx: typer.Context, draft: Draft) -> None:
    """Show one draft in full, in JSON."""
    url = store(ctx)
    from tracker.services import drafting

    json_output.show([drafting.show_draft(url, draft)], one=True)


def approve(ctx: typer.Context, draft: Draft, by: By) -> None:
    """Record the statement of a draft. Another person than the one who handed it in must, unless `review` is off."""
    url = store(ctx)
    given("--by", by)
    from tracker.services import drafting
    from tracker.settings import read_settings

    _report(drafting.approve(url, draft, by=by, review=read_settings().review))


def reject(
    ctx: typer.Context, draft: Draft, by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="WORDS", help="Why.")],
) -> None:  # fmt: skip
    """Turn a draft down. Its statement may be handed in again."""
    url = store(ctx)
    given("--by", by)
    from tracker.services import drafting

    _report(drafting.reject(url, draft, reason, by=by))


def create(
    ctx: typer.Context,
    person: Annotated[str, typer.Argument(metavar="NAME", help="Whose token it is: goes into the record.")],
    scope: Annotated[list[str], typer.Option("--scope", metavar="SCOPE", help="record, approve, admin; repeatable.")],
    expires: Annotated[
        str, typer.Option("--expires", metavar="WHEN", help="A day (its end, UTC), a number of days (90d), or never.")
    ] = "365d",
) -> None:
    """Make a token. It is shown once, on stdout, and stored nowhere."""
    url, scopes = store(ctx), [_scope(name) for name in scope]
    from tracker.services import tokens

    token, secret = tokens.create_token(url, person, scopes, now(), _expiry(expires))
    until = f"until {token.expires_at:%Y-%m-%d %H:%M} UTC" if token.expires_at else "with no end"
    typer.echo(f"{token.person}: {', '.join(sorted(token.scopes))}, {until}. Shown this once:", err=True)
    typer.echo(secret)


def list_tokens(ctx: typer.Context) -> None:
    """List tokens: their first characters, owners, scopes and ends; never the tokens themselves."""
    url = store(ctx)
    from tracker.services import tokens

    listed = tokens.list_tokens(url)
    for token in listed:
        state = "valid" if token.valid(now()) else "revoked" if token.revoked_at else "expired"
        until = f"{token.expires_at:%Y-%m-%d}" if token.expires_at else NO_EXPIRY
        scopes = ", ".join(sorted(token.scopes))
        typer.echo(f"{token.prefix}…  {state:<7}  expires {until:<10}  {scopes}  {token.person}")
    if not listed:
        typer.echo("There is no token: `tracker token create NAME --scope record` makes one.")


def revoke(
    ctx: typer.Context,
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="The token's first characters, as `list` shows them.")],
) -> None:
    """Revoke a token, at once."""
    url = store(ctx)
    from tracker.services import tokens

    revoked = tokens.revoke_token(url, token, now())
    typer.echo(f"{revoked.prefix}… of {revoked.person} is revoked.")


def _scope(text: str) -> "TokenScope":
    from tracker.store.tokens import TokenScope

    try:
        return TokenScope(text)
    except ValueError:
        raise BadRequest(f"--scope {text!r}: write {', '.join(TokenScope)}") from None


def _expiry(text: str) -> datetime | None:
    """The instant at which a token expires; None for never. Raises: BadRequest."""
    if text == NO_EXPIRY:
        return None
    try:
        if text.endswith("d") and text[:-1].isdigit():
            return now() + timedelta(days=int(text[:-1]))
        return datetime.fromisoformat(f"{text}T00:00:00+00:00") + timedelta(days=1)
    except (ValueError, OverflowError):
        raise BadRequest(
            f"--expires {text!r}: write a day such as 2031-12-31, a number of days such as 90d, or never"
        ) from None


def _report(done: "Done") -> None:
    outcome = f"draft {done.draft} {done.outcome}" if done.draft else done.outcome
    typer.echo(f"{done.statement}: {outcome}, at position {done.position}")
    for warning in done.warnings:
        note(f"warning: {printable(warning)}")
