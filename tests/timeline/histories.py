"""Random histories: announcements, corrections and retractions, recorded in any order."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from tracker.model.announcement import Announcement, Correction, Retraction, Statement
from tracker.model.dataset import Dataset
from tracker.model.dates import zone
from tracker.model.events import Recorded, recorded, registered
from tracker.model.registry import Border, Measure, Party, Subject, Territory
from tracker.model.scope import Scope
from tracker.model.vocabulary import MeasureKind, MeasureLevel, Mode, PartyKind

TZ = "+04:00"
LOCAL = zone(TZ)
STORED = datetime(2040, 1, 1, tzinfo=UTC)
FIRST = date(2031, 1, 1)
MEASURES = ("closure", "ban")
WHEN: dict[str, Callable[[datetime], bool]] = {  # hours and seasons, and whether they hold at a local time
    "23:00-07:00": lambda at: at.hour >= 23 or at.hour < 7,
    "Mo-Fr 08:00-18:00": lambda at: at.weekday() < 5 and 8 <= at.hour < 18,
    "Feb": lambda at: at.month == 2,
    "24/7": lambda _: True,
}

SUBJECTS: tuple[Subject, ...] = (
    Dataset(name="Two islands", timezone=TZ),
    Party(id="XA", name="Alpha", kind=PartyKind.STATE),
    Party(id="XB", name="Beta", kind=PartyKind.STATE),
    Territory(id="XA", name="Alpha", authority="XA"),
    Territory(id="XB", name="Beta", authority="XB"),
    Border(id="XA-XB", between=("XA", "XB"), modes=(Mode.ROAD,), normally="open"),
    *(
        Measure(
            id=name,
            title=f"Alpha's {name}",
            authority="XA",
            kind=MeasureKind.RESTRICTION,
            level=MeasureLevel.PROHIBITED,
            scope=Scope(at=("XA-XB",)),
        )
        for name in MEASURES
    ),
)


def a_day(number: int) -> date:
    return FIRST + timedelta(days=number)


def days(first: int = 0, last: int = 40) -> st.SearchStrategy[object]:
    """A day of a short span, known exactly or not."""
    within = st.integers(first, last)
    exact = within.map(a_day)
    either = st.tuples(within, st.integers(1, 12)).map(lambda d: f"[{a_day(d[0])}..{a_day(d[0] + d[1])}]")
    about = within.map(lambda d: f"{a_day(d)}~")
    return st.one_of(exact, exact, either, about)


@st.composite
def effects(draw: st.DrawFn) -> dict[str, object]:
    kind = draw(st.sampled_from(["impose", "impose", "extend", "exempt", "lift", "reschedule", "cancel"]))
    if kind in ("reschedule", "cancel"):
        return {"type": kind, "of": draw(targets()), **(draw(new_dates()) if kind == "reschedule" else {})}
    measure = draw(st.sampled_from(MEASURES))
    effect: dict[str, object] = {"type": kind, "measure": measure}
    if kind in ("extend", "lift") and draw(st.integers(0, 2)) == 0:
        effect = {"type": kind, "exemption": f"aid-{measure}"}
    if draw(st.booleans()):
        effect["from"] = draw(days())
    elif kind != "extend" and draw(st.integers(0, 4)) == 0:
        effect["from_event"] = "a date to be set"
    if kind == "extend" or draw(st.booleans()):
        effect["last_day"] = draw(days(60, 90))
    if kind in ("impose", "extend") and draw(st.integers(0, 2)) == 0:
        effect["on_expiry"] = "ends"
    if kind in ("impose", "exempt") and draw(st.integers(0, 2)) == 0:
        effect["when"] = draw(st.sampled_from([*WHEN]))
    if kind == "exempt":
        effect["only"] = ["aid"]
        if draw(st.booleans()):
            effect["exemption"] = f"aid-{measure}"
    return effect


def targets() -> st.SearchStrategy[str]:
    """An effect of one of the statements, or an exemption; perhaps one that is not there."""
    effect = st.tuples(st.integers(0, 5), st.integers(1, 2)).map(lambda place: f"a{place[0]}#{place[1]}")
    return st.one_of(effect, effect, effect, st.sampled_from([f"aid-{measure}" for measure in MEASURES]))


def new_dates() -> st.SearchStrategy[dict[str, object]]:
    return st.one_of(
        st.fixed_dictionaries({"from": days(0, 70)}),
        st.fixed_dictionaries({"last_day": days(30, 90)}),
        st.fixed_dictionaries({"from": days(0, 50), "last_day": days(60, 90)}),
    )


def relations() -> st.SearchStrategy[list[dict[str, str]]]:
    to = st.integers(0, 5).map(lambda number: {"type": "answers", "announcement": f"a{number}"})
    return st.lists(to, max_size=1)


def patches() -> st.SearchStrategy[dict[str, object]]:
    """What a correction may say: new effects, another day, other words."""
    return st.one_of(
        st.lists(effects(), max_size=2).map(lambda each: {"effect": each}),
        st.integers(0, 30).map(lambda day: {"announced": a_day(day)}),
        st.just({"summary": "other words"}),
    )


@st.composite
def statements(draw: st.DrawFn) -> list[Statement]:
    """Announcements, then corrections and retractions of some of them."""
    found: list[Statement] = []
    for number in range(draw(st.integers(1, 6))):
        made = draw(st.one_of(st.integers(0, 30), st.sampled_from([0, 10])))  # two days have many
        original = Announcement.model_validate(
            {
                "id": f"a{number}",
                "announced": a_day(made),
                "summary": "words",
                "by": [{"party": "XA"}],
                "effect": draw(st.lists(effects(), max_size=2)),
                "after": draw(st.lists(st.integers(0, number).map(lambda n: f"a{n}"), max_size=1)) if number else [],
                "relation": draw(relations()),
            }
        )
        found.append(original)
        for change in range(draw(st.integers(0, 2))):
            later = a_day(made + draw(st.integers(0, 15)))
            key = {"id": f"a{number}-{change}", "announced": later, "reason": "words"}
            if draw(st.booleans()):
                patch = draw(patches())
                found.append(Correction.model_validate({**key, "corrects": original.id, "replace": patch}))
            else:
                found.append(Retraction.model_validate({**key, "retracts": original.id}))
    return found


@st.composite
def logs(draw: st.DrawFn) -> list[Recorded]:
    """A log that records them in any order in which a correction comes after what it corrects."""
    said = draw(statements())
    ranks = {statement.id: draw(st.integers(0, 1000)) for statement in said}
    for statement in said:
        original = getattr(statement, "corrects", None) or getattr(statement, "retracts", None)
        if original is not None:
            ranks[statement.id] = max(ranks[statement.id], ranks[original] + 1)
    return log_of(sorted(said, key=lambda each: (ranks[each.id], each.id)))


def log_of(said: Iterable[Statement]) -> list[Recorded]:
    """A log of the fictional registry and these statements, in this order."""
    events = [registered(subject, STORED) for subject in SUBJECTS]
    return [
        Recorded(position, event)
        for position, event in enumerate([*events, *(recorded(each, STORED) for each in said)], start=1)
    ]
