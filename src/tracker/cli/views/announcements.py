"""Announcements: a list, one as a page, the log of stored events, and citations."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tracker.cli.console import add_marks, explain_uncertain_dates, open_console, print_title, status_text
from tracker.cli.table_layout import PrintedRow, print_facts, print_table
from tracker.model.vocabulary import Verification
from tracker.presentation.text import clocks_text, count, knowledge_text, last_day, plain
from tracker.queries.clocks import Clocks
from tracker.queries.statement_answers import (
    AnnouncementAnswer,
    EffectAnswer,
    ShowAnswer,
    SourceAnswer,
    SpeakerAnswer,
    VersionAnswer,
)

if TYPE_CHECKING:  # `why`, which cites announcements, does without the log
    from tracker.queries.log import LogEntry

STANDING_WORDS = {
    "decides": "decides now",
    "upcoming": "still to come",
    "ended": "ended",
    "superseded": "superseded",
}
SHORT_DIGEST = 12  # characters that tell digests apart for people


def show_announcements(answers: Sequence[AnnouncementAnswer], clocks: Clocks) -> None:
    """A list of announcements, oldest first."""
    console = open_console()
    known = knowledge_text(clocks.announced_by_text, clocks.recorded_by_text)
    print_title(console, count(len(answers), "announcement"), known)
    if answers:
        rows = [_announcement(answer) for answer in answers]
        print_table(console, ("announced", "by", "effects", "what"), rows)
        explain_uncertain_dates(console, [row.heading for row in rows])


def _announcement(answer: AnnouncementAnswer) -> PrintedRow:
    text = add_marks(Text(answer.title).append(f" ({answer.id})", style="dim"), _marks(answer))
    parties = ", ".join(dict.fromkeys(speaker.party for speaker in answer.by))
    return PrintedRow(plain(answer.announced), (parties, "\n".join(dict.fromkeys(answer.effects)) or "none"), text)


def _marks(answer: AnnouncementAnswer) -> Iterator[str]:
    if answer.retracted:
        yield "retracted"
    elif answer.versions > 1:
        yield f"version {answer.version + 1} of {answer.versions}"
    if answer.status != Verification.VERIFIED:
        yield answer.status
    if answer.denied_by:
        yield f"denied by {', '.join(answer.denied_by)}"


def show_announcement(answer: ShowAnswer, *, stored: bool) -> None:
    """One announcement: its words, its effects, its sources and every version.

    Args: stored: whether it is in a store; versions that were read from files have no place in a log.
    """
    console, announcement = open_console(), answer.announcement
    print_title(console, announcement.id, clocks_text(answer.as_of, answer.announced_by, answer.recorded_by))
    console.print()
    if announcement.title != announcement.summary:
        console.print(Text(announcement.title, style="bold"))
    console.print(Padding(announcement.summary, (0, 0, 1, 0)))
    print_facts(console, list(_facts(announcement)))
    console.print()
    print_title(console, "What it changes", f"as of {plain(answer.as_of)}")
    if answer.effects:
        rows = [_effect(effect) for effect in answer.effects]
        print_table(console, ("effect", "on", "basis", "in time", "standing"), rows)
    else:
        console.print("  nothing: it is on the record and changes no state\n")
    print_title(console, "Sources")
    print_sources(console, announcement.sources, 2)
    console.print()
    print_title(console, count(len(answer.versions), "version"))
    sources = {correction.statement: correction.sources for correction in announcement.corrections}
    for version in answer.versions:
        console.print(Padding(_version(version, stored), (0, 0, 0, 2)))
        if version.statement in sources:
            print_sources(console, sources[version.statement], 5)
    dates = (announcement.announced, *(effect.starts for effect in answer.effects))
    explain_uncertain_dates(console, map(plain, dates), before="\n")


def _facts(announcement: AnnouncementAnswer) -> Iterator[tuple[str, str]]:
    yield "Announced", plain(announcement.announced)
    yield "By", speakers(announcement.by)
    yield from ((mark.split(" ")[0].capitalize(), mark) for mark in _marks(announcement))
    if announcement.note:
        yield "Note", announcement.note
    yield from (("Relation", f"{kind} {other}") for kind, other in announcement.relations)


def _effect(effect: EffectAnswer) -> PrintedRow:
    standing = status_text(STANDING_WORDS.get(effect.standing, effect.standing))
    if effect.superseded_by:
        standing.append(f" by {effect.superseded_by}")
    if effect.starts is None:
        span = f"through {last_day(effect.ends)}" if effect.ends else ""
    else:
        span = f"{plain(effect.starts)} – {last_day(effect.ends)}" if effect.ends else f"from {plain(effect.starts)}"
    track = effect.track.replace(":", " ")
    return PrintedRow(f"{effect.number}. {effect.type}", (track, effect.basis.value, span), standing)


def _version(version: VersionAnswer, stored: bool) -> Text:
    at = version.recorded_at[:19].replace("T", " ")
    recorders = f" by {version.recorded_by}" if version.recorded_by else ""
    recorders += f", approved by {version.approved_by}" if version.approved_by else ""
    text = Text(f"{version.number + 1}. {version.kind}, announced {plain(version.announced)}: ")
    text.append(f"{version.statement}\n", style="bold")
    place = f"stored at position {version.position}, {at} UTC{recorders}" if stored else "read from files, not stored"
    text.append(f"   {place}\n   digest {version.digest}", style="not bold dim")
    return text.append(f"\n   because: {version.reason}" if version.reason else "", style="not bold")


def show_log(entries: "Iterable[LogEntry]") -> None:
    """A line for each stored event, printed as it is read: a log may be long."""
    console = open_console()
    for entry in entries:
        line = Text(f"{entry.position:>7}  {entry.recorded_at:%Y-%m-%d %H:%M:%S}Z  {entry.type:<21}  ")
        line.append(entry.id, style="bold").append(f"  {entry.digest[:SHORT_DIGEST]}", style="not bold dim")
        line.append(f"  {entry.recorded_by}" if entry.recorded_by else "", style="not bold")
        line.append(f", approved by {entry.approved_by}" if entry.approved_by else "", style="not bold")
        console.print(line, soft_wrap=True)


class Notes:
    """The announcements that a page cites, numbered in the order of their first citation."""

    def __init__(self, citations: Mapping[str, AnnouncementAnswer]) -> None:
        self._citations = citations
        self._numbers: dict[str, int] = {}

    def mark(self, *announcements: str | None) -> str:
        """The numbers of announcements: "[1][2]"."""
        known = [key for key in announcements if key is not None and key in self._citations]
        return "".join(f"[{self._numbers.setdefault(key, len(self._numbers) + 1)}]" for key in known)

    def speakers(self, announcement: str) -> str:
        cited = self._citations.get(announcement)
        return speakers(cited.by) if cited else "another party"

    def print(self, console: Console) -> None:
        """The cited announcements, with their sources."""
        if not self._numbers:
            return
        print_title(console, "Sources")
        for key in self._numbers:
            self._print_note(console, key)

    def _print_note(self, console: Console, key: str) -> None:
        cited = self._citations[key]
        head = Text(f"[{self._numbers[key]}] {plain(cited.announced)} · {speakers(cited.by)} · ")
        head.append(key, style="bold")
        if cited.status != Verification.VERIFIED:
            head.append(f" · {cited.status}", style="magenta")
        for other in cited.denied_by:
            head.append(f" · denied by {other}", style="magenta")
        console.print(head)
        console.print(Padding(cited.summary, (0, 0, 0, 4)))
        print_sources(console, cited.sources, 4)
        for correction in cited.corrections:
            line = f"{correction.kind} {plain(correction.announced)} ({correction.statement}): {correction.reason}"
            console.print(Padding(line, (0, 0, 0, 4)))
            print_sources(console, correction.sources, 6)


def print_sources(console: Console, sources: Sequence[SourceAnswer], indent: int) -> None:
    """Citations with the coder's notes; addresses on lines of their own, never broken."""
    for source in sources:
        parts = [source.publisher, f"“{source.title}”" if source.title else "", plain(source.published), source.kind]
        line = Text(", ".join(part for part in parts if part), style="dim")
        line.append(f" – {source.note}" if source.note else "")
        console.print(Padding(line, (0, 0, 0, indent)))
        if source.url:
            address = Text(" " * indent + source.url, style="dim")
            console.print(address, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)
    if not sources:
        console.print(Padding(Text("no source given", style="magenta"), (0, 0, 0, indent)))


def speakers(by: Sequence[SpeakerAnswer]) -> str:
    """The people and parties that speak: "AZ, Ilham Aliyev (President)"."""
    return "; ".join(_speaker(speaker) for speaker in by)


def _speaker(speaker: SpeakerAnswer) -> str:
    if speaker.name and speaker.office:
        return f"{speaker.party}, {speaker.name} ({speaker.office})"
    return ", ".join(filter(None, (speaker.party, speaker.name or speaker.office)))
