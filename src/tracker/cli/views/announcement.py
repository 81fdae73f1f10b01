"""Announcements: a list of them, or one as a page."""

from collections.abc import Iterator, Sequence

from rich.padding import Padding
from rich.text import Text

from tracker.cli.console import screen, title, word
from tracker.cli.table_layout import Row, facts, show
from tracker.cli.views.citations import print_sources, speakers
from tracker.model.vocabulary import Verification
from tracker.presentation.text import DOUBT, clocks, has_doubt, last_day, plain, some
from tracker.queries.clocks import Clocks
from tracker.queries.statement_answers import AnnouncementAnswer, EffectAnswer, ShowAnswer, VersionAnswer

STANDING = {
    "decides": "decides now",
    "upcoming": "still to come",
    "ended": "ended",
    "superseded": "superseded",
}


def show_list(answers: Sequence[AnnouncementAnswer], asked: Clocks) -> None:
    """Oldest first."""
    console = screen()
    known = clocks("", asked.announced_by_text, asked.recorded_by_text).removeprefix("as of  · ")
    title(console, some(len(answers), "announcement"), known)
    if answers:
        rows = [_row(each) for each in answers]
        show(console, ("announced", "by", "effects", "what"), rows)
        if any(has_doubt(row.heading) for row in rows):
            console.print(Text(DOUBT, style="dim"))


def _row(each: AnnouncementAnswer) -> Row:
    text = Text(each.summary).append(f" ({each.id})", style="dim")
    for mark in _marks(each):
        text.append(f" [{mark}]", style="italic")
    effects = "\n".join(dict.fromkeys(each.effects)) or "none"
    return Row(plain(each.announced), (", ".join(dict.fromkeys(one.party for one in each.by)), effects), text)


def _marks(each: AnnouncementAnswer) -> Iterator[str]:
    if each.retracted:
        yield "retracted"
    elif each.versions > 1:
        yield f"version {each.version + 1} of {each.versions}"
    if each.status != Verification.VERIFIED:
        yield each.status
    if each.denied_by:
        yield f"denied by {', '.join(each.denied_by)}"


def show_one(answer: ShowAnswer) -> None:
    """What it says, what it changes, and every version."""
    console, each = screen(), answer.announcement
    title(console, each.id, clocks(answer.as_of, answer.announced_by, answer.recorded_by))
    console.print(Padding(each.summary, (1, 0, 1, 0)))
    relations = [("Relation", f"{kind} {other}") for kind, other in each.relations]
    facts(
        console,
        [
            ("Announced", plain(each.announced)),
            ("By", speakers(each.by)),
            *((mark.split(" ")[0].capitalize(), mark) for mark in _marks(each)),
            *([("Note", each.note)] if each.note else []),
            *relations,
        ],
    )
    console.print()
    title(console, "What it changes", f"as of {plain(answer.as_of)}")
    if answer.effects:
        show(console, ("effect", "on", "basis", "in time", "standing"), [_effect(effect) for effect in answer.effects])
    else:
        console.print("  nothing: it is on the record and changes no state\n")
    title(console, "Sources")
    print_sources(console, each.sources, 2)
    console.print()
    title(console, some(len(answer.versions), "version"))
    for version in answer.versions:
        console.print(Padding(_version(version), (0, 0, 0, 2)))
    if has_doubt(" ".join([plain(each.announced), *(plain(effect.starts) for effect in answer.effects)])):
        console.print(Text(f"\n{DOUBT}", style="dim"))


def _effect(effect: EffectAnswer) -> Row:
    standing = word(STANDING.get(effect.standing, effect.standing))
    if effect.superseded_by:
        standing.append(f" by {effect.superseded_by}")
    if effect.starts is None:
        span = f"through {last_day(effect.ends)}" if effect.ends else ""
    else:
        span = f"{plain(effect.starts)} – {last_day(effect.ends)}" if effect.ends else f"from {plain(effect.starts)}"
    track = effect.track.replace(":", " ")
    return Row(f"{effect.number}. {effect.type}", (track, effect.basis.value, span), standing)


def _version(version: VersionAnswer) -> Text:
    at = version.recorded_at[:19].replace("T", " ")
    who = f" by {version.recorded_by}" if version.recorded_by else ""
    who += f", approved by {version.approved_by}" if version.approved_by else ""
    text = Text(f"{version.number + 1}. {version.kind}, announced {plain(version.announced)}: ")
    text.append(f"{version.statement}\n", style="bold")
    stored = f"   stored at position {version.position}, {at} UTC{who}\n   digest {version.digest}"
    text.append(stored, style="not bold dim")
    return text.append(f"\n   because: {version.reason}" if version.reason else "", style="not bold")
