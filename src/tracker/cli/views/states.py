"""States as tables, a table for each kind."""

from collections.abc import Sequence

from rich.text import Text

from tracker.cli.console import screen, title, word
from tracker.cli.table_layout import Row, show
from tracker.model.vocabulary import Basis, MeasureState, Status, SubjectKind
from tracker.presentation.lane_groups import folded, label
from tracker.presentation.text import DOUBT, clocks, has_doubt, last_day, plain, some
from tracker.queries.answers import (
    CauseAnswer,
    InstrumentAnswer,
    LaneAnswer,
    LanesState,
    MeasureAnswer,
    StateAnswer,
    Uncertain,
)
from tracker.queries.clocks import Clocks
from tracker.queries.selection import Selection

TITLES = {
    SubjectKind.BORDER: "Borders",
    SubjectKind.CROSSING: "Crossing points",
    SubjectKind.CORRIDOR: "Corridors",
    SubjectKind.MEASURE: "Measures",
    SubjectKind.INSTRUMENT: "Instruments",
}
LANES = ("lanes", "status", "since", "why")
BARRED = (Status.CLOSED, Status.RESTRICTED)
NOT_YET = (MeasureState.NONE, MeasureState.UPCOMING)
IN_ORDER = (MeasureState.IN_FORCE, MeasureState.EASED, MeasureState.LIFTED, MeasureState.LAPSED, *NOT_YET)


def show_state(answers: Sequence[StateAnswer], asked: Clocks, selection: Selection) -> None:
    """A title with the clocks, then a table for each kind that there is."""
    console = screen()
    title(console, "State", clocks(asked.as_of_text, asked.announced_by_text, asked.recorded_by_text))
    console.print()
    doubt = False
    for kind, heading in TITLES.items():
        of_kind = [answer for answer in answers if answer.kind is kind]
        if not of_kind:
            continue
        title(console, heading)
        rows = _rows(of_kind, selection)
        show(console, _columns(kind), rows)
        doubt = doubt or any(has_doubt(f"{row.prose} {row.cells}") for row in rows)
        if not selection.subjects and kind in (SubjectKind.MEASURE, SubjectKind.INSTRUMENT):
            _left_out(console.print, of_kind)
    if not answers:
        console.print("Nothing matches.")
    if doubt:
        console.print(Text(DOUBT, style="dim"))


def _columns(kind: SubjectKind) -> tuple[str, ...]:
    match kind:
        case SubjectKind.MEASURE:
            return ("measure", "authority", "state", "since", "until", "what")
        case SubjectKind.INSTRUMENT:
            return ("instrument", "stage", "since", "what")
        case _:
            return (kind.value, *LANES)


def _rows(answers: Sequence[StateAnswer], selection: Selection) -> list[Row]:
    measures = [answer for answer in answers if isinstance(answer, MeasureAnswer)]
    shown = [each for each in measures if selection.subjects or each.state not in NOT_YET]
    rows = [_measure(each) for each in sorted(shown, key=lambda each: IN_ORDER.index(each.state))]
    for answer in answers:
        match answer:
            case LanesState():
                rows += _lanes(answer, selection)
            case InstrumentAnswer():
                if selection.subjects or answer.stage is not None:
                    rows.append(_instrument(answer))
    return rows


def _lanes(answer: LanesState, selection: Selection) -> list[Row]:
    every = () if selection.narrows_lanes else answer.lanes
    name = answer.name if answer.name != answer.subject else ""
    return [
        Row(answer.subject, (label(group, every), word(lane.status), plain(lane.since)), why(lane), name)
        for group in folded(answer.lanes, _alike)
        for lane in group[:1]
    ]


def _alike(lane: LaneAnswer) -> tuple[object, ...]:
    """What a row says. Of several closures the one named first depends on the way, and tells no two rows apart."""
    worst = lane.because[0].level if lane.because else None
    decided = frozenset((each.measure, each.authority, each.reason) for each in lane.because if each.level is worst)
    return lane.status, lane.since, tuple(marks(lane)), decided if lane.status in BARRED else lane.reason


def why(lane: LaneAnswer) -> Text:
    """The decisive reason, with what casts doubt on it."""
    text = Text(plain(lane.reason))
    for mark in marks(lane):
        text.append(f" [{mark}]", style="italic")
    return text


def marks(lane: LaneAnswer) -> list[str]:
    """What casts doubt on a lane's status, in short words."""
    deciding = decisive(lane)
    declared = {(cause.place, cause.authority) for cause in deciding if cause.basis is Basis.DECLARED}
    deciding = [
        cause for cause in deciding if cause.basis is Basis.DECLARED or (cause.place, cause.authority) not in declared
    ]
    found = []
    for words, doubtful in (
        ("as reported", [cause for cause in deciding if cause.basis is Basis.REPORTED]),
        ("source unverified", [cause for cause in deciding if cause.unverified]),
    ):
        all_needed = lane.status not in BARRED
        if doubtful and len(doubtful) == len(deciding):
            found.append(words)
        elif doubtful and all_needed:
            found.append(f"{words} ({', '.join(dict.fromkeys(cause.authority for cause in doubtful))})")
    return found + uncertainty(lane.uncertain, "may be") + _disputed(lane.disputed)


def decisive(lane: LaneAnswer) -> list[CauseAnswer]:
    """The words on which the status rests: the worst, or where the lane is passable everybody's."""
    spoken = [cause for cause in lane.because if cause.announcement is not None and not cause.lapsed]
    if lane.status in (Status.OPEN, Status.OPERATING, Status.UNREADY, Status.ONE_SIDED):
        return spoken
    return [cause for cause in spoken if cause.level is lane.because[0].level]


def uncertainty(found: Uncertain | None, verb: str) -> list[str]:
    """The other answer, and while it is open which is right."""
    if found is None:
        return []
    span = plain(f"[{found.starts}..{found.ends}]") if found.starts and found.ends else ""
    return [f"uncertain: {verb} {found.alternative or 'nothing'} ({span})"]


def _disputed(denials: Sequence[str]) -> list[str]:
    return [f"disputed by {', '.join(denials)}"] if denials else []


def _marked(words: str, found: Sequence[str]) -> Text:
    text = Text(plain(words))
    for mark in found:
        text.append(f" [{mark}]", style="italic")
    return text


def _measure(answer: MeasureAnswer) -> Row:
    limits = f" ({'; '.join(answer.limits)})" if answer.limits else ""
    doubts = ["as reported"] if answer.basis is Basis.REPORTED else []
    doubts += ["source unverified"] if answer.unverified else []
    doubts += uncertainty(answer.uncertain, "may be") + _disputed(answer.disputed)
    until = last_day(answer.until) if answer.until else ""
    cells = (answer.authority, word(answer.state), plain(answer.since), until)
    return Row(answer.subject, cells, _marked(answer.name + limits, doubts))


def _instrument(answer: InstrumentAnswer) -> Row:
    by_party = [f"{party}: {stage}" for party, stage in answer.by_party.items()]
    apart = f" ({', '.join(by_party)})" if by_party else ""
    doubts = ["source unverified"] if answer.unverified else []
    doubts += uncertainty(answer.uncertain, "may be")
    cells = (word(answer.stage or "none"), plain(answer.since))
    return Row(answer.subject, cells, _marked(answer.name + apart, doubts))


def _left_out(say: object, answers: Sequence[StateAnswer]) -> None:
    """Name what has no state yet, in one line."""
    assert callable(say)
    upcoming = [each for each in answers if isinstance(each, MeasureAnswer) and each.state is MeasureState.UPCOMING]
    none = [
        each.subject
        for each in answers
        if (isinstance(each, MeasureAnswer) and each.state is MeasureState.NONE)
        or (isinstance(each, InstrumentAnswer) and each.stage is None)
    ]
    if upcoming:
        dated = ", ".join(f"{each.subject} ({plain(each.since)})" for each in upcoming)
        say(Text(f"Known now, in force only later: {dated}\n", style="dim"))
    if none:
        say(Text(f"Nothing announced about {some(len(none), 'other')}: {', '.join(none)}\n", style="dim"))
