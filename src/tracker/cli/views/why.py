"""Why something is as it is, as a page: the chain place by place, what bears on it, the sources."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tracker.cli.console import screen, title, word
from tracker.cli.table_layout import Row, facts, show
from tracker.cli.views.citations import Notes
from tracker.cli.views.history import change_rows
from tracker.cli.views.states import marks, uncertainty
from tracker.model.vocabulary import Level, Status
from tracker.presentation.lane_groups import folded, label
from tracker.presentation.text import DOUBT, clocks, days, has_doubt, last_day, plain, some
from tracker.queries.answers import CauseAnswer, LaneAnswer, PassagesAnswer, PledgeAnswer, Uncertain, UpcomingAnswer
from tracker.queries.selection import Selection
from tracker.queries.why import WhyAnswer, WhyInstrument, WhyLanes, WhyMeasure

COLUMNS = ("place", "whose word", "level", "basis", "since", "what")
IN_THE_WAY = "◀ stands in the way"
PASSABLE = (Status.OPEN, Status.OPERATING, Status.UNREADY)
CHANGES = ("period", "status", "source", "what")
FIRST, NEWEST = 5, 8  # of what lies ahead, and of pledges

Fact = tuple[str, str | Text]


def show_why(answer: WhyAnswer, selection: Selection) -> None:
    """A page about one subject."""
    console, notes = screen(), Notes(answer.citations)
    heading = answer.subject if answer.name == answer.subject else f"{answer.subject} · {answer.name}"
    title(console, heading)
    console.print(Text(f"{answer.kind} · {clocks(answer.as_of, answer.announced_by, answer.recorded_by)}", style="dim"))
    console.print()
    match answer:
        case WhyLanes():
            every = () if selection.narrows_lanes else answer.lanes
            for group in folded(answer.lanes, _alike):
                _lanes(console, answer, group, label(group, every).replace("\n", "; "), notes)
            facts(console, list(_about(answer, notes)))
            console.print()
        case WhyMeasure():
            _measure(console, answer, notes)
        case WhyInstrument():
            _instrument(console, answer, notes)
    notes.print(console)
    if has_doubt(plain(answer.model_dump_json(exclude={"citations"}))):
        console.print(Text(f"\n{DOUBT}", style="dim"))


def _alike(lane: LaneAnswer) -> tuple[object, ...]:
    """All but the lane's name, and the order of places: two ways along one chain are one chain."""
    return (
        lane.status, lane.since, lane.uncertain, frozenset(lane.disputed), frozenset(lane.because), lane.readiness,
        lane.passages, frozenset(lane.upcoming),
    )  # fmt: skip


def _lanes(console: Console, answer: WhyLanes, group: Sequence[LaneAnswer], name: str, notes: Notes) -> None:
    lane = group[0]
    head = Text(f"{name}: ", style="bold").append_text(word(lane.status))
    head.append(f" since {plain(lane.since)}" if lane.since else "")
    for mark in marks(lane):
        head.append(f" [{mark}]", style="italic")
    console.print(head)
    console.print(Padding(plain(lane.reason), (0, 0, 0, 2)))
    show(console, COLUMNS, list(_chain(answer, lane, notes)))
    facts(console, list(_bearing(answer, lane, notes)))
    console.print()


def _about(answer: WhyLanes, notes: Notes) -> Iterator[Fact]:
    """What is about the place as a whole."""
    if answer.control:
        control = answer.control
        yield _fact("Staffed by", f"{control.by} since {plain(control.since)}", notes, control.announcement)
    pledges = {pledge.pledge: pledge for lane in answer.lanes for pledge in lane.pledges}
    yield from _pledges(list(pledges.values()), notes)


def _chain(answer: WhyLanes, lane: LaneAnswer, notes: Notes) -> Iterator[Row]:
    """Everybody's word, in the order of the path."""
    forward = lane.direction.startswith(f"{answer.path[0].place}>")
    path = answer.path if forward else tuple(reversed(answer.path))
    names = {station.place: station.name for station in path}
    position = {station.place: number for number, station in enumerate(path)}
    for cause in sorted(lane.because, key=lambda cause: position.get(cause.place, -1)):
        place = "the whole route" if cause.place not in names else cause.place
        name = names.get(cause.place, "")
        yield Row(
            place,
            (
                answer.parties.get(cause.authority, cause.authority),
                _level(cause, lane),
                cause.basis.value if cause.basis else "",
                plain(cause.since),
            ),
            _what(cause, notes),
            name if name != place else "",
        )


def _level(cause: CauseAnswer, lane: LaneAnswer) -> Text:
    text = word("lapsed" if cause.lapsed else cause.level)
    if lane.status not in PASSABLE and cause.level is lane.because[0].level:
        text.append(f" {IN_THE_WAY}", style="bold red")
    return text


def _what(cause: CauseAnswer, notes: Notes) -> Text:
    reason = cause.reason.split(": ", 1)[1] if cause.level is Level.ASSUMED else cause.reason
    text = Text(plain(reason))
    if cause.measure:
        text.append(f" ({cause.measure})", style="dim")
    if not cause.required:
        text.append(" [its leave is not needed]", style="italic")
    if cause.unverified:
        text.append(" [source unverified]", style="italic")
    return text.append(f" {notes.mark(cause.announcement)}".rstrip(), style="cyan")


def _bearing(answer: WhyLanes, lane: LaneAnswer, notes: Notes) -> Iterator[Fact]:
    """What bears on a lane beside its status."""
    for ready in lane.readiness:
        who = answer.parties.get(ready.party, ready.party)
        words = f"{ready.place}, {ready.mode}: {ready.state} since {plain(ready.since)}, {ready.basis} by {who}"
        yield _fact("Readiness", words, notes, ready.announcement)
    yield _fact("Passages", _passages(lane.passages), notes, *lane.passages.announcements)
    yield from _doubts(lane.uncertain, lane.disputed, notes)
    for coming in lane.upcoming[:FIRST]:
        yield _fact("Ahead", _coming(coming), notes, coming.announcement)
    if len(lane.upcoming) > FIRST:
        yield _fact("Ahead", f"and {some(len(lane.upcoming) - FIRST, 'more change')}", notes)
    if lane.stale_days is not None:
        yield _fact("Evidence", f"the newest is {days(lane.stale_days)} old", notes)


def _doubts(found: Uncertain | None, disputed: Sequence[str], notes: Notes) -> Iterator[Fact]:
    for doubt in uncertainty(found, "may be"):
        yield _fact("Uncertain", doubt.removeprefix("uncertain: "), notes)
    for denial in disputed:
        yield _fact("Disputed", f"by {notes.speakers(denial)}, {denial}", notes, denial)


def _pledges(pledges: Sequence[PledgeAnswer], notes: Notes) -> Iterator[Fact]:
    """The newest first: of old ones the ledger tells."""
    newest = sorted(pledges, key=lambda pledge: (pledge.announced or "").strip("["), reverse=True)
    for pledge in newest[:NEWEST]:
        due = f" – due {plain(pledge.due)}" if pledge.due else ""
        overdue = f", overdue by {days(pledge.overdue_days)}" if pledge.overdue_days else ""
        words = f"{plain(pledge.announced)}, {pledge.kind} of {', '.join(pledge.parties)}: {pledge.text}{due}{overdue}"
        yield _fact("Pledged", words, notes, pledge.announcement)
    if len(newest) > NEWEST:
        yield _fact("Pledged", f"and {some(len(newest) - NEWEST, 'older one')}: see `tracker promises`", notes)


def _passages(seen: PassagesAnswer) -> str:
    none = f"; on {plain(seen.none_reported)} it was reported that nothing passed" if seen.none_reported else ""
    if not seen.count:
        return f"none seen{none}"
    weight = f", {seen.quantity:,.10g} in all" if seen.quantity is not None else ""
    span = plain(seen.first) if seen.first == seen.last else f"{plain(seen.first)} – {plain(seen.last)}"
    return f"{some(seen.count, 'passage')} seen, {span}{weight}{none}"


def _coming(coming: UpcomingAnswer) -> str:
    later = "" if coming.foreseen else f" [announced later, {plain(coming.announced)}]"
    return f"{plain(coming.at)}: {coming.status} ({coming.measure or 'readiness'}: {plain(coming.change)}){later}"


def _fact(name: str, words: str, notes: Notes, *announcements: str | None) -> Fact:
    return name, Text(words).append(f" {notes.mark(*announcements)}".rstrip(), style="cyan")


def _measure(console: Console, answer: WhyMeasure, notes: Notes) -> None:
    head = word(answer.state).append(f", {answer.level}" if answer.level else "")
    head.append(f" since {plain(answer.since)}" if answer.since else "")
    head.append(f" through {last_day(answer.until)}" if answer.until else "")
    console.print(head.append(f" {notes.mark(answer.announcement)}".rstrip(), style="cyan"))
    console.print(Padding(plain(answer.reason), (0, 0, 0, 2)))
    scope = {
        name.capitalize(): value for name, value in answer.scope.model_dump(mode="json", exclude_none=True).items()
    }
    facts(
        console,
        [
            ("Authority", answer.parties.get(answer.authority, answer.authority)),
            *((name, ", ".join(value) if isinstance(value, list) else str(value)) for name, value in scope.items()),
            *([("Basis", answer.basis.value)] if answer.basis else []),
            *([("Source", "unverified")] if answer.unverified else []),
            *_doubts(answer.uncertain, answer.disputed, notes),
        ],
    )
    console.print()
    show(console, CHANGES, change_rows(answer.changes, None, notes.mark))


def _instrument(console: Console, answer: WhyInstrument, notes: Notes) -> None:
    head = word(answer.stage or "no stage announced").append(f" since {plain(answer.since)}" if answer.since else "")
    console.print(head.append(f" {notes.mark(answer.announcement)}".rstrip(), style="cyan"))
    by_party = [
        _fact(each.party, f"{each.stage} since {plain(each.since)}", notes, each.announcement)
        for each in answer.parties
    ]
    facts(console, [*by_party, *_doubts(answer.uncertain, (), notes), *_pledges(answer.pledges, notes)])
    console.print()
    show(console, CHANGES, change_rows(answer.changes, None, notes.mark))
