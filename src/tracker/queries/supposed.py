"""The record as it would be with some more statements: known to one answer only, and stored nowhere.

Source: design §6, "What if?", and §9, `--suppose`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from tracker.model.announcement import Announcement, Statement
from tracker.model.dates import BEGINNING, DAY_FORM, FOREVER, moment
from tracker.model.deadline import in_time
from tracker.model.errors import BadRequest
from tracker.model.events import Recorded, recorded, registered
from tracker.model.registry import Registry
from tracker.model.vocabulary import MeasureKind, ReadinessState, SubjectKind
from tracker.queries.clocks import Clocks
from tracker.queries.selection import find_id
from tracker.state.fold import fold
from tracker.state.record import Record, View
from tracker.timeline.knowledge import EVERYTHING, Span
from tracker.timeline.versions import Version

MAX_SUPPOSED = 20  # statements in one question
NOT_RECORDED = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS = (Span(BEGINNING, FOREVER, 0, FOREVER),)
VERBS: Mapping[str, MeasureKind | None] = {  # with the kind of the measures that they are about
    "lift": MeasureKind.RESTRICTION,
    "impose": MeasureKind.RESTRICTION,
    "permit": MeasureKind.PERMISSION,
    "revoke": MeasureKind.PERMISSION,
    "ready": None,
}
FORMS = 'write "lift MEASURE", "impose MEASURE", "permit MEASURE", "revoke MEASURE" or "ready PLACE"'


def supposing(
    record: Record,
    statements: Iterable[Statement],
    words: Iterable[Announcement] = (),
    *,
    recorded_by: int = EVERYTHING.recorded_by,
) -> Record:
    """The record as it would be with some statements recorded next.

    Args: words: announcements known by every clock, and later in the order than all others;
        recorded_by: what is recorded after this position is left out.
    """
    versions = (version for history in record.announcements.values() for version in history)
    known = {version.statement.id: version for version in versions if version.position <= recorded_by}.values()
    events = [Recorded(0, registered(subject, NOT_RECORDED)) for subject in record.registry(recorded_by).subjects()]
    for version in in_time(sorted(known, key=lambda version: version.position)):
        event = recorded(version.statement, version.recorded_at, version.recorded_by)
        events.append(Recorded(version.position, event))
    for position, statement in enumerate(statements, record.position + 1):
        events.append(Recorded(position, recorded(statement, NOT_RECORDED)))
    last = max((version.order for version in known), default=BEGINNING)
    return fold(events, [_known_always(word, last + 1) for word in words])


def _known_always(word: Announcement, order: int) -> Version:
    return Version(
        number=0, order=order, content=word, statement=word, announced=BEGINNING, position=0, recorded_at=NOT_RECORDED,
        recorded_by=None, approved_by=None, digest="", spans=ALWAYS,
    )  # fmt: skip


def suppose(
    record: Record,
    clocks: Clocks,
    texts: Sequence[str],
    read: Callable[[Record, str], Sequence[Statement] | None] | None = None,
) -> tuple[Record, Clocks]:
    """The record with statements supposed from the date asked about on, and the clocks to ask it by.

    Args: texts: such as "lift tr-closure-1993"; read: the statements of a file that a text names, which keep their
        dates; None where it names none.
    Raises: BadRequest, UnknownSubject, and what `read` raises.
    """
    if not texts:
        return record, clocks
    if len(texts) > MAX_SUPPOSED:
        raise BadRequest(f"{len(texts)} statements are supposed: write at most {MAX_SUPPOSED}")
    view = record.at(clocks.known)
    statements: list[Statement] = []
    words: dict[str, Announcement] = {}
    for text in dict.fromkeys(texts):
        of_file = read(record, text) if read is not None else None
        if of_file is None:
            word = _announcement(view, clocks, text)
            words[word.id] = word
        else:
            statements += of_file
    supposed = supposing(record, statements, words.values(), recorded_by=clocks.known.recorded_by)
    known = clocks.known._replace(recorded_by=EVERYTHING.recorded_by)
    return supposed, clocks._replace(known=known, supposed=(*clocks.supposed, *dict.fromkeys(texts)))


def _announcement(view: View, clocks: Clocks, text: str) -> Announcement:
    """An announcement with the effect that a text names; its id is the text, which no file's can be.

    Raises: BadRequest, UnknownSubject.
    """
    verb, _, name = (part.strip() for part in text.strip().partition(" "))
    if verb not in VERBS or not name:
        raise BadRequest(f"cannot suppose {text!r}: {FORMS}")
    kind = VERBS[verb]
    start = date.fromisoformat(clocks.as_of_text) if DAY_FORM.fullmatch(clocks.as_of_text) else None
    begin = start or moment(clocks.as_of, view.tz)
    subject, parties, effects = _ready(view, clocks, name) if kind is None else _on(view.registry, verb, kind, name)
    made = Announcement.model_validate(
        {
            "id": "supposed",
            "announced": begin,
            "summary": f"Supposed: {verb} {subject}.",
            "by": [{"party": party} for party in parties],
            "effect": [{**effect, "from": begin} for effect in effects],
        }
    )
    return made.model_copy(update={"id": f"{verb} {subject}"})


Supposition = tuple[str, Sequence[str], Sequence[dict[str, Any]]]  # what it is about, who would speak, and the effects


def _on(registry: Registry, verb: str, kind: MeasureKind, name: str) -> Supposition:
    key = find_id(registry, name, (SubjectKind.MEASURE,), "no measure", "`tracker state --kind measure` lists them all")
    measure = registry.measures[key]
    if measure.kind is not kind:
        others = " or ".join(other for other, of_kind in VERBS.items() if of_kind is measure.kind)
        raise BadRequest(f"{key} is a {measure.kind}, so {verb!r} says nothing of it: write {others}")
    return key, (measure.authority,), [{"type": verb, "measure": key}]


def _ready(view: View, clocks: Clocks, name: str) -> Supposition:
    """All infrastructure at a place that is known to be lacking, as ready."""
    kinds = (SubjectKind.BORDER, SubjectKind.CROSSING, SubjectKind.CORRIDOR)
    key = find_id(view.registry, name, kinds, "no border, crossing or corridor", "`tracker state` lists them all")
    lacking = {}
    for mode, tracks in view.readiness_at.items():
        for track in tracks.get(key.lower(), ()):
            row = view.course(track).winner(clocks.as_of)
            effect: Any = view.said(row) if row >= 0 else None
            if effect is not None and effect.state is not ReadinessState.READY:
                lacking[effect.party, mode] = {
                    "type": "readiness", "at": key, "party": effect.party, "modes": [mode], "state": "ready",
                }  # fmt: skip
    if not lacking:
        raise BadRequest(f'nothing is known to be lacking at {key}: leave "ready {key}" out')
    return key, tuple(dict.fromkeys(party for party, _ in lacking)), list(lacking.values())
