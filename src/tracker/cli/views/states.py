"""States as tables, one for each kind of subject; the ledger of pledges."""

from collections.abc import Hashable, Sequence

from rich.console import Console
from rich.text import Text

from tracker.cli.console import (
    add_marks,
    explain_uncertain_dates,
    open_console,
    print_supposed,
    print_title,
    status_text,
)
from tracker.cli.table_layout import PrintedRow, print_table
from tracker.model.vocabulary import Basis, MeasureState, PledgeStatus, SubjectKind
from tracker.presentation.causes import BARRED, doubts, doubts_about, ways_through
from tracker.presentation.lane_groups import group_by, label_parts
from tracker.presentation.text import clocks_text, count, days, first_of, last_day, moved_text, plain
from tracker.queries.answers import CauseAnswer, LaneAnswer, LanesState, ManyCauseAnswers, PledgeAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.existence import exists_text
from tracker.queries.measure_answers import InstrumentAnswer, MeasureAnswer, StateAnswer
from tracker.queries.parts import amount_text
from tracker.queries.selection import Selection

KIND_TITLES = {
    SubjectKind.BORDER: "Borders",
    SubjectKind.CROSSING: "Crossing points",
    SubjectKind.CORRIDOR: "Corridors",
    SubjectKind.MEASURE: "Measures",
    SubjectKind.INSTRUMENT: "Instruments",
}
IN_FORCE = (MeasureState.IN_FORCE, MeasureState.EASED)
NOT_YET = (MeasureState.NONE, MeasureState.UPCOMING)
STATE_ORDER = (
    *IN_FORCE,
    MeasureState.LIFTED,
    MeasureState.REVOKED,
    MeasureState.LAPSED,
    MeasureState.OVER,
    *NOT_YET,
)


def show_state(answers: Sequence[StateAnswer], clocks: Clocks, selection: Selection) -> None:
    """A title with the clocks, then a table for each kind in the answer."""
    console = open_console()
    covers_until = next((answer.covers_until for answer in answers), None)
    texts = (clocks.as_of_text, clocks.announced_by_text, clocks.recorded_by_text, covers_until)
    print_title(console, "State", clocks_text(*texts))
    print_supposed(console, clocks.supposed)
    console.print()
    tables = {kind: [answer for answer in answers if answer.kind is kind] for kind in KIND_TITLES}
    cells: list[str] = []
    for kind, of_kind in tables.items():
        if not of_kind:
            continue
        print_title(console, KIND_TITLES[kind])
        rows = _rows(of_kind, selection)
        print_table(console, _columns(kind), rows)
        cells += [f"{row.prose} {row.cells}" for row in rows]
        if not selection.subjects and kind in (SubjectKind.MEASURE, SubjectKind.INSTRUMENT):
            _print_left_out(console, of_kind)
    if not answers:
        console.print("Nothing matches.")
    explain_uncertain_dates(console, cells)


def _columns(kind: SubjectKind) -> tuple[str, ...]:
    match kind:
        case SubjectKind.MEASURE:
            return ("measure", "authority", "state", "since", "until", "what")
        case SubjectKind.INSTRUMENT:
            return ("instrument", "stage", "since", "what")
        case _:
            return (kind.value, "lanes", "status", "since", "why")


def _rows(answers: Sequence[StateAnswer], selection: Selection) -> list[PrintedRow]:
    measures = [answer for answer in answers if isinstance(answer, MeasureAnswer)]
    shown = [measure for measure in measures if selection.subjects or measure.state not in NOT_YET]
    rows = [_measure(measure) for measure in sorted(shown, key=lambda measure: STATE_ORDER.index(measure.state))]
    for answer in answers:
        match answer:
            case LanesState():
                rows += _lanes(answer, selection)
            case InstrumentAnswer():
                if selection.subjects or answer.stage is not None:
                    rows.append(_instrument(answer))
    return rows


def _lanes(answer: LanesState, selection: Selection) -> list[PrintedRow]:
    every = () if selection.narrows_lanes else answer.lanes
    name = answer.name if answer.name != answer.subject else ""
    rows = []
    if not answer.lanes and answer.exists is not None:
        nothing = ("", "does not exist", "")
        rows.append(PrintedRow(answer.subject, nothing, Text(plain(exists_text(answer.exists))), name))
    for group in group_by(answer.lanes, _as_shown):
        lane = group[0]
        status = status_text(lane.status, lane.otherwise, lane.but_for, ":\n")
        cells = ("\n".join(label_parts(group, every)), status, plain(lane.since))
        marks = [*ways_through(lane.through), *_beside(lane), *doubts(lane)]
        rows.append(PrintedRow(answer.subject, cells, add_marks(Text(plain(lane.reason)), marks), name))
    return rows


class WorstCauses:
    """The measures and words of the worst causes, whatever their order; made only where they may differ."""

    def __init__(self, causes: Sequence[CauseAnswer]) -> None:
        self._causes = causes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorstCauses) and (self._alike(other) or self._words == other._words)

    def __hash__(self) -> int:
        return 0  # few are compared, and their words take long

    def _alike(self, other: "WorstCauses") -> bool:
        mine, others = self._causes, other._causes
        if isinstance(mine, ManyCauseAnswers) and isinstance(others, ManyCauseAnswers):
            return mine.worst == others.worst
        return False

    @property
    def _words(self) -> Hashable:
        worst = [cause for cause in self._causes if cause.level is self._causes[0].level]
        return frozenset((cause.measure, cause.authority, cause.reason) for cause in worst)


def _as_shown(lane: LaneAnswer) -> Hashable:
    """The content of a lane's row. The order of several closures depends on the direction, so it is ignored."""
    reason = WorstCauses(lane.because) if lane.status in BARRED else lane.reason
    return (
        lane.status,
        lane.otherwise,
        lane.but_for,
        lane.since,
        tuple(doubts(lane)),
        tuple(_beside(lane)),
        tuple(ways_through(lane.through)),
        reason,
    )


def _beside(lane: LaneAnswer) -> list[str]:
    """How many formalities and threats of others stand beside the status; `why` lists them."""
    kinds = ((len(lane.formalities), "formality", "formalities"), (len(lane.exposure), "exposure", "exposures"))
    return [count(number, one, more) for number, one, more in kinds if number]


def _measure(answer: MeasureAnswer) -> PrintedRow:
    words = list(filter(None, [*answer.limits, answer.hours, amount_text(answer.amount, answer.unit)]))
    limits = f" ({'; '.join(words)})" if words else ""
    marks = ["as reported"] if answer.basis is Basis.REPORTED else []
    marks += ["source unverified"] if answer.unverified else []
    marks += [f"exempt: {first_of([one.text for one in answer.exemptions])}"] if answer.exemptions else []
    marks += [f"waits for: {answer.waiting.event}"] if answer.waiting else []
    marks += [f"until: {answer.until_event}"] if answer.until_event else []
    marks += _orphaned(answer)
    marks += doubts_about(answer.uncertain, answer.disputed)
    cells = (answer.authority, status_text(answer.state), plain(answer.since), last_day(answer.until))
    return PrintedRow(answer.subject, cells, add_marks(Text(plain(answer.name + limits)), marks))


def _orphaned(answer: MeasureAnswer) -> list[str]:
    """That a measure is in force though the life of the text has ended that it rests on."""
    under = answer.under
    stands = under is not None and under.ended and answer.state in IN_FORCE
    return [f"its text {under.instrument} is {under.stage}"] if under and stands else []


def _instrument(answer: InstrumentAnswer) -> PrintedRow:
    by_party = ", ".join(f"{party}: {stage}" for party, stage in answer.by_party.items())
    marks = ["source unverified"] if answer.unverified else []
    marks += doubts_about(answer.uncertain)
    cells = (status_text(answer.stage or "none"), plain(answer.since))
    text = Text(plain(answer.name + (f" ({by_party})" if by_party else "")))
    return PrintedRow(answer.subject, cells, add_marks(text, marks))


def _print_left_out(console: Console, answers: Sequence[StateAnswer]) -> None:
    """The measures and texts without a state yet, in a line each for those announced and the others."""
    measures = [answer for answer in answers if isinstance(answer, MeasureAnswer)]
    upcoming = [measure for measure in measures if measure.state is MeasureState.UPCOMING]
    silent = [measure.subject for measure in measures if measure.state is MeasureState.NONE]
    silent += [answer.subject for answer in answers if isinstance(answer, InstrumentAnswer) and answer.stage is None]
    if upcoming:
        dated = ", ".join(f"{measure.subject} ({_when(measure)})" for measure in upcoming)
        console.print(Text(f"Known now, in force only later: {dated}\n", style="dim"))
    if silent:
        console.print(
            Text(f"Nothing announced about {count(len(silent), 'other')}: {', '.join(silent)}\n", style="dim")
        )


def _when(measure: MeasureAnswer) -> str:
    """When an upcoming measure comes into force, or what it waits for."""
    return plain(measure.until) if measure.until or not measure.waiting else measure.waiting.event


def show_promises(answers: Sequence[PledgeAnswer], clocks: Clocks) -> None:
    """The ledger of pledges, oldest first, with a line of totals."""
    console = open_console()
    print_title(console, "Promises", clocks_text(clocks.as_of_text, clocks.announced_by_text, clocks.recorded_by_text))
    if not answers:
        console.print("\nNone.")
        return
    columns = ("announced", "by", "kind", "status", "due", "what, and what became of it")
    print_table(console, columns, [_pledge(pledge) for pledge in answers])
    counts = {status: sum(pledge.status is status for pledge in answers) for status in PledgeStatus}
    totals = ", ".join(f"{number} {status}" for status, number in counts.items() if number)
    console.print(f"{count(len(answers), 'pledge')}: {totals}")


def _pledge(pledge: PledgeAnswer) -> PrintedRow:
    due = plain(pledge.due) + moved_text(pledge.moved)
    cells = (", ".join(pledge.parties), pledge.kind.value, status_text(pledge.status), due)
    return PrintedRow(plain(pledge.announced), cells, f"{pledge.text}{_outcome(pledge)} ({pledge.pledge})")


def _outcome(pledge: PledgeAnswer) -> str:
    late = f", {days(pledge.overdue_days)} late" if pledge.overdue_days else ""
    if pledge.ended is None:
        return f" – overdue by {days(pledge.overdue_days)}" if pledge.overdue_days else ""
    return f" – {pledge.status} {plain(pledge.ended)} after {days(pledge.lag_days)}{late}"
