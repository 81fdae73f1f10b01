"""Why something is as it is, as a page: the chain place by place, what bears on it, the sources."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tracker.cli.console import (
    add_marks,
    explain_uncertain_dates,
    open_console,
    print_supposed,
    print_title,
    status_text,
)
from tracker.cli.table_layout import PrintedRow, print_facts, print_table
from tracker.cli.views.announcements import Notes
from tracker.cli.views.changes import change_rows
from tracker.model.lists import in_words
from tracker.model.vocabulary import Level
from tracker.presentation.beside import beside_lines
from tracker.presentation.causes import doubts, in_the_way, path_of, uncertain_text, ways_through
from tracker.presentation.lane_groups import group_lanes, label
from tracker.presentation.text import clocks_text, count, days, last_day, none_since, official, period, plain
from tracker.queries.answers import CauseAnswer, LaneAnswer, PassagesAnswer, PledgeAnswer, Uncertain, UpcomingAnswer
from tracker.queries.existence import exists_text
from tracker.queries.parts import amount_text, names_text
from tracker.queries.selection import Selection
from tracker.queries.why import WhyAnswer, WhyInstrument, WhyLanes, WhyMeasure

CAUSE_COLUMNS = ("place", "whose word", "level", "basis", "since", "what")
CHANGE_COLUMNS = ("period", "status", "source", "what")
MAX_UPCOMING, MAX_PLEDGES = 5, 8  # of a lane, and of a subject

Fact = tuple[str, str | Text]


def show_why(answer: WhyAnswer, selection: Selection) -> None:
    """A page about one subject."""
    console, notes = open_console(), Notes(answer.citations)
    print_title(console, answer.subject if answer.name == answer.subject else f"{answer.subject} · {answer.name}")
    clocks = clocks_text(answer.as_of, answer.announced_by, answer.recorded_by, answer.covers_until)
    console.print(Text(f"{answer.kind} · {clocks}", style="dim"))
    print_supposed(console, answer.supposed)
    console.print()
    match answer:
        case WhyLanes():
            if answer.exists is not None:
                console.print(f"{'' if answer.lanes else 'does not exist: '}{plain(exists_text(answer.exists))}\n")
            every = () if selection.narrows_lanes else answer.lanes
            for group in group_lanes(answer.lanes):
                _print_lanes(console, answer, group[0], label(group, every), notes)
            print_facts(console, list(_about_place(answer, notes)))
            console.print()
        case WhyMeasure():
            _print_measure(console, answer, notes)
        case WhyInstrument():
            _print_instrument(console, answer, notes)
    notes.print(console)
    explain_uncertain_dates(console, [plain(answer.model_dump_json(exclude={"citations"}))], before="\n")


def _print_lanes(console: Console, answer: WhyLanes, lane: LaneAnswer, name: str, notes: Notes) -> None:
    """A lane, which stands for the lanes of its name."""
    head = Text(f"{name}: ", style="bold").append_text(status_text(lane.status, lane.otherwise, lane.but_for))
    head.append(f" since {plain(lane.since)}" if lane.since else "")
    console.print(add_marks(head, doubts(lane)))
    console.print(Padding(plain(lane.reason), (0, 0, 0, 2)))
    print_table(console, CAUSE_COLUMNS, list(_causes(answer, lane, notes)))
    print_facts(console, list(_bearing_on(answer, lane, notes)))
    console.print()


def _about_place(answer: WhyLanes, notes: Notes) -> Iterator[Fact]:
    """Facts about the place as a whole: its staff, and the pledges about it."""
    if answer.control:
        control = answer.control
        by = answer.parties.get(control.by, control.by)
        yield _fact("Staffed by", f"{by} since {plain(control.since)}", notes, control.announcement)
    pledges = {pledge.pledge: pledge for lane in answer.lanes for pledge in lane.pledges}
    yield from _pledges(list(pledges.values()), answer.parties, notes)


def _causes(answer: WhyLanes, lane: LaneAnswer, notes: Notes) -> Iterator[PrintedRow]:
    """The causes of a lane's status, in the order of its path."""
    path = path_of(answer, lane)
    names = {station.place: station.name for station in path}
    names |= {crossing: name for station in path for crossing, name in station.crossings.items()}
    position = {place: number for number, station in enumerate(path) for place in (station.place, *station.crossings)}
    for cause in sorted(lane.because, key=lambda cause: position.get(cause.place, -1)):
        place = "the whole route" if cause.place not in names else cause.place
        name = names.get(cause.place, "")
        authority, basis = (
            answer.parties.get(cause.authority, cause.authority),
            cause.basis.value if cause.basis else "",
        )
        cells = (authority, _level(cause, lane), basis, plain(cause.since))
        yield PrintedRow(place, cells, _reason(cause, notes), name if name != place else "")


def _level(cause: CauseAnswer, lane: LaneAnswer) -> Text:
    text = status_text("lapsed" if cause.lapsed else cause.level)
    return text.append(" ◀ stands in the way", style="bold red") if in_the_way(lane, cause) else text


def _reason(cause: CauseAnswer, notes: Notes) -> Text:
    reason = cause.reason.split(": ", 1)[1] if cause.level is Level.ASSUMED else cause.reason
    text = Text(plain(reason))
    if cause.measure:
        text.append(f" ({cause.measure})", style="dim")
    marks = [] if cause.required else ["its leave is not needed"]
    add_marks(text, [*marks, "source unverified"] if cause.unverified else marks)
    return text.append(f" {notes.mark(cause.announcement)}".rstrip(), style="cyan")


def _bearing_on(answer: WhyLanes, lane: LaneAnswer, notes: Notes) -> Iterator[Fact]:
    """Facts that bear on a lane beside its causes."""
    for way in ways_through(lane.through):
        yield _fact("Crossings", way, notes)
    for line in beside_lines(lane):
        named = f"{line.text} ({line.measure})" if line.measure else f"{line.text}: see `tracker why --json`"
        yield _fact(line.name, named, notes, line.announcement)
    for ready in lane.readiness:
        party = answer.parties.get(ready.party, ready.party)
        text = f"{ready.place}, {ready.mode}: {ready.state} since {plain(ready.since)}, {ready.basis} by {party}"
        yield _fact("Readiness", text, notes, ready.announcement)
    yield _fact("Passages", _passages(lane.passages), notes, *lane.passages.announcements)
    yield from _doubts(lane.uncertain, lane.disputed, notes)
    for change in lane.upcoming[:MAX_UPCOMING]:
        yield _fact("Ahead", _upcoming(change), notes, change.announcement)
    if len(lane.upcoming) > MAX_UPCOMING:
        yield _fact("Ahead", f"and {count(len(lane.upcoming) - MAX_UPCOMING, 'more change')}", notes)
    if lane.stale_days is not None:
        yield _fact("Evidence", f"the newest is {days(lane.stale_days)} old", notes)


def _doubts(uncertain: Uncertain | None, disputed: Sequence[str], notes: Notes) -> Iterator[Fact]:
    if uncertain is not None:
        yield _fact("Uncertain", uncertain_text(uncertain), notes)
    for denial in disputed:
        yield _fact("Disputed", f"by {notes.speakers(denial)}, {denial}", notes, denial)


def _pledges(pledges: Sequence[PledgeAnswer], names: Mapping[str, str], notes: Notes) -> Iterator[Fact]:
    """The newest pledges, newest first; the ledger has them all."""
    newest = sorted(pledges, key=lambda pledge: (pledge.announced or "").strip("["), reverse=True)
    for pledge in newest[:MAX_PLEDGES]:
        due = f" – due {plain(pledge.due)}" if pledge.due else ""
        overdue = f", overdue by {days(pledge.overdue_days)}" if pledge.overdue_days else ""
        by = ", ".join(names.get(party, party) for party in pledge.parties)
        text = f"{plain(pledge.announced)}, {pledge.kind} of {by}: {pledge.text}{due}{overdue}"
        yield _fact("Pledged", text, notes, pledge.announcement)
    if len(newest) > MAX_PLEDGES:
        yield _fact("Pledged", f"and {count(len(newest) - MAX_PLEDGES, 'older one')}: see `tracker promises`", notes)


def _passages(seen: PassagesAnswer) -> str:
    none = f"; on {plain(seen.none_reported)} it was reported that nothing passed" if seen.none_reported else ""
    if not seen.count:
        return f"{none_since(seen)}{none}"
    weight = f", {seen.quantity:,.10g} in all" if seen.quantity is not None else ""
    span = plain(seen.first) if seen.first == seen.last else f"{plain(seen.first)} – {plain(seen.last)}"
    return f"{count(seen.count, 'passage')} seen, {span}{weight}{none}"


def _upcoming(change: UpcomingAnswer) -> str:
    when = plain(change.at) if change.at else f"without a date ({change.event})"
    of = f"{change.measure}: " if change.measure else ""
    return f"{when}: {change.status} ({of}{plain(change.change)})"


def _fact(name: str, text: str, notes: Notes, *announcements: str | None) -> Fact:
    return name, Text(text).append(f" {notes.mark(*announcements)}".rstrip(), style="cyan")


def _print_measure(console: Console, answer: WhyMeasure, notes: Notes) -> None:
    head = status_text(answer.state).append(f", {answer.level}" if answer.level else "")
    head.append(f" since {plain(answer.since)}" if answer.since else "")
    head.append(f" through {last_day(answer.until)}" if answer.until else "")
    console.print(head.append(f" {notes.mark(answer.announcement)}".rstrip(), style="cyan"))
    console.print(Padding(plain(answer.reason), (0, 0, 0, 2)))
    scope = {
        name.capitalize(): value for name, value in answer.scope.model_dump(mode="json", exclude_none=True).items()
    }
    if named := names_text(answer.scope.named):
        scope["Named"] = named
    print_facts(
        console,
        [
            ("Authority", answer.parties.get(answer.authority, answer.authority)),
            *([("Decided", plain(answer.decided))] if answer.decided else []),
            *_terms(answer, notes),
            *((name, _told(value)) for name, value in scope.items()),
            *([("Basis", answer.basis.value)] if answer.basis else []),
            *([("Source", "unverified")] if answer.unverified else []),
            *_doubts(answer.uncertain, answer.disputed, notes),
        ],
    )
    console.print()
    print_table(console, CHANGE_COLUMNS, change_rows(answer.changes, None, notes.mark))


def _told(value: object) -> str:
    """A value of a scope; of a list also what it leaves out, in words."""
    return ", ".join(in_words(tuple(value))) if isinstance(value, list) else str(value)


def _terms(answer: WhyMeasure, notes: Notes) -> Iterator[Fact]:
    """The amount and hours of a measure, its exemptions, the text that it rests on, and what waits for a date."""
    if answer.amount:
        since = f" since {plain(answer.amount_since)}" if answer.amount_since else ""
        yield _fact("Amount", f"{amount_text(answer.amount, answer.unit)}{since}", notes)
    if answer.hours:
        yield _fact("Hours", answer.hours, notes)
    for exemption in answer.exemptions:
        text = f"{exemption.text} ({exemption.exemption}), {period(exemption.since, exemption.until)}"
        yield _fact("Exempt", text, notes, exemption.announcement)
    if answer.waiting:
        yield _fact("Ahead", f"{answer.waiting.change}: {answer.waiting.event}", notes, answer.waiting.announcement)
    if answer.until_event:
        yield _fact("Until", answer.until_event, notes)
    if answer.applied_from:
        yield _fact("Applied", f"from {plain(answer.applied_from)}, as was decided later", notes)
    if under := answer.under:
        ended = ": its life has ended, and the measure stands all the same" if under.ended else ""
        stage = f", {under.stage} since {plain(under.since)}" if under.stage else ""
        yield _fact("Under", f"{under.name} ({under.instrument}){stage}{ended}", notes, under.announcement)
    if answer.nomenclature:
        yield _fact("Goods by", answer.nomenclature, notes)
    yield from (_fact(register, number, notes) for register, number in official(answer.ids))


def _print_instrument(console: Console, answer: WhyInstrument, notes: Notes) -> None:
    head = status_text(answer.stage or "no stage announced").append(
        f" since {plain(answer.since)}" if answer.since else ""
    )
    console.print(head.append(f" {notes.mark(answer.announcement)}".rstrip(), style="cyan"))
    names = answer.party_names
    by_party = [
        _fact(
            names.get(standing.party, standing.party),
            f"{standing.stage} since {plain(standing.since)}",
            notes,
            standing.announcement,
        )
        for standing in answer.parties
    ]
    pledges = _pledges(answer.pledges, names, notes)
    ids = [_fact(register, number, notes) for register, number in official(answer.ids)]
    print_facts(console, [*by_party, *ids, *_doubts(answer.uncertain, (), notes), *pledges])
    console.print()
    print_table(console, CHANGE_COLUMNS, change_rows(answer.changes, None, notes.mark))
