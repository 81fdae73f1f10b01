"""Rules of what begins and ends, of who is in charge, and of who is in a bloc. Source: design §3."""

from collections.abc import Iterator
from itertools import pairwise

from tracker.dataset.references import References, unknown_name
from tracker.dataset.suggestions import show
from tracker.dataset.validation import EntryFinding
from tracker.model.announcement import Announcement, announced_at
from tracker.model.charges import Charge, Member
from tracker.model.dates import BEGINNING, Instant, zone
from tracker.model.effects import AnyEffect, Control, Impose, Passage, Permit, Readiness, names_of
from tracker.model.errors import Severity
from tracker.model.lifespans import Lifespan, Lived, lifespan, span_text, written_span
from tracker.model.lives import life_of
from tracker.model.registry import Crossing, Measure, Party, Registry, Subject
from tracker.model.vocabulary import PartyKind, Regime, SubjectKind


def life_findings(subject: Subject, known: References) -> Iterator[EntryFinding]:
    """Findings where a life ends before it begins, or follows one that is not registered."""
    if not isinstance(subject, Lived):
        return
    if subject.own_life(known.registry.tz).empty:
        yield EntryFinding(
            ("last_day",), f"{subject.id} ends on {subject.last_day}, before it begins on {subject.starts}: mend one"
        )
    yield from unknown_name(subject.succeeds, "succeeds", known, subject.type)
    if subject.succeeds == subject.id:
        yield EntryFinding(("succeeds",), f"{subject.succeeds} cannot succeed itself: name another, or leave it out")


def authority_findings(
    authority: str | tuple[Charge, ...], path: tuple[str | int, ...], known: References
) -> Iterator[EntryFinding]:
    """Findings about who is in charge: every party is registered, and each but the first begins after the one before.

    Args: path: of the key that names them.
    """
    if isinstance(authority, str):
        if problem := known.unknown(authority, SubjectKind.PARTY):
            yield EntryFinding(path, problem)
        return
    for number, charge in enumerate(authority):
        if problem := known.unknown(charge.party, SubjectKind.PARTY):
            yield EntryFinding((*path, number, "party"), problem)
        if number == 0 and charge.starts is not None:
            message = f"{charge.party} is the first in charge, as long as the place exists: leave its `from` out"
            yield EntryFinding((*path, number, "from"), message)
        if number and charge.starts is None:
            message = f"{charge.party} lacks the day from which on it is in charge: add `from`"
            yield EntryFinding((*path, number), message)
    begins = [_begin(charge, known.registry) for charge in authority]
    for number, (before, after) in enumerate(pairwise(begins), start=1):
        if BEGINNING < after <= before:
            text = (
                f"{authority[number].party} is in charge from {authority[number].starts} on, not after the one before"
            )
            yield EntryFinding((*path, number, "from"), f"{text}: put the list in order")


def _begin(charge: Charge, registry: Registry) -> Instant:
    return lifespan(charge.starts, None, None, registry.tz).begin


def side_findings(crossing: Crossing, known: References) -> Iterator[EntryFinding]:
    """Findings about the authorities of a crossing's sides, which are named by their territories."""
    border = known.registry.borders.get(crossing.border)
    for side, authority in (crossing.authorities or {}).items():
        if border is not None and side not in border.between:
            sides = " and ".join(border.between)
            message = f"{show(side)} is no side of {border.id}: its sides are {sides}"
            yield EntryFinding(("authorities", side), message)
        yield from authority_findings(authority, ("authorities", side), known)


def bloc_findings(party: Party, known: References) -> Iterator[EntryFinding]:
    """Findings about the members of a bloc: who they are, from when to when, and that none is a member of itself."""
    if party.kind is not PartyKind.BLOC:
        if party.members:
            message = (
                f'{party.id} has members, and is of kind {show(party.kind)}: write kind = "bloc", or take them out'
            )
            yield EntryFinding(("members",), message)
        return
    if not party.members:
        yield EntryFinding((), f'bloc {party.id} has no members: add members = [{{ party = "…" }}]')
    if party.id in known.registry.territories:
        message = f"{party.id} is a territory, too, and where a scope names it, either could be meant: rename the bloc"
        yield EntryFinding((), message)
    for number, member in enumerate(party.members):
        for finding in _member(party, member, known):
            yield EntryFinding(("members", number, *finding.path), finding.message)


def _member(bloc: Party, member: Member, known: References) -> Iterator[EntryFinding]:
    if (member.party is None) is (member.territory is None):
        yield EntryFinding((), f"a member of {bloc.id} is a party or a territory: give one of `party` and `territory`")
        return
    yield from unknown_name(member.party, "party", known, SubjectKind.PARTY)
    yield from unknown_name(member.territory, "territory", known, SubjectKind.TERRITORY)
    if member.last_day is not None and member.until is not None:
        yield EntryFinding(("until",), "`last_day` and `until` are both given: keep one of them")
    elif lifespan(member.starts, member.last_day, member.until, known.registry.tz).empty:
        key = "until" if member.until else "last_day"
        yield EntryFinding((key,), f"the membership of {member.name} ends before it begins: mend one of its dates")
    if member.modes == ():
        yield EntryFinding(("modes",), "`modes` is an empty list, which would mean none at all: leave it out")
    circle = _circle(known.registry, bloc.id, member.name) if member.party else None
    if circle:
        message = f"{bloc.id} would be a member of itself ({' in '.join(circle)}): take one of these memberships out"
        yield EntryFinding(("party",), message)


def _circle(registry: Registry, bloc: str, member: str) -> list[str] | None:
    """The blocs by which a member of a bloc leads back to it; None where it does not."""
    ways, seen = [[bloc, member]], {member}
    while ways:
        way = ways.pop()
        if way[-1] == bloc:
            return way[::-1]
        inner = registry.blocs.get(way[-1])
        for one in inner.members if inner else ():
            if one.party and (one.party == bloc or one.party not in seen):
                seen.add(one.party)
                ways.append([*way, one.party])
    return None


def inside_findings(measure: Measure, known: References) -> Iterator[EntryFinding]:
    """Findings where `inside` stands on a measure that has no outer edge."""
    if not measure.inside:
        return
    if measure.authority not in known.registry.blocs:
        message = (
            f"`inside` is about flows between the members of a bloc, and {measure.authority} is none: leave it out"
        )
        yield EntryFinding(("inside",), message)
    elif measure.scope.regime not in tuple(Regime):
        message = (
            "`inside` is about import, export and transit, and the scope has no `regime`: leave it out, or add one"
        )
        yield EntryFinding(("inside",), message)


def outside_life(party: str, at: Instant, known: References) -> str | None:
    """A message where a party does not exist at an instant."""
    entry = known.registry.parties.get(party)
    if entry is None or entry.own_life(known.registry.tz).holds(at):
        return None
    return f"{party} exists {span_text(written_span(entry.own_life(known.registry.tz), known.registry.tz))}"


def place_findings(announcement: Announcement, known: References) -> Iterator[EntryFinding]:
    """Warnings where an effect is about places, and none of them exists at its time."""
    registry = known.registry
    for number, effect in enumerate(announcement.effect):
        match effect:
            case Impose() | Permit():
                measures = (registry.measures.get(name) for name in names_of(effect.measure))
                names = [name for measure in measures if measure for name in measure.scope.at]
            case Passage() | Readiness() | Control():
                names = [effect.at]
            case _:
                continue
        lives = [life_of(registry, registry.places[name]) for name in names if name in registry.places]
        span = _time_of(effect, announcement, registry)
        if span.empty:
            continue  # its dates are reported by themselves
        if lives and len(lives) == len(names) and all(life.meet(span).empty for life in lives):
            spans = (span_text(written_span(life, registry.tz)) for life in lives)
            text = " or ".join(f"{name} exists {span}" for name, span in zip(names, spans, strict=True))
            key = "measure" if hasattr(effect, "measure") else "at"
            message = f"{text}, and not at the time of this effect: mend a date here or in the registry"
            yield EntryFinding(("effect", number, key), message, Severity.WARNING)


def _time_of(effect: AnyEffect, announcement: Announcement, registry: Registry) -> Lifespan:
    """From when to when an effect holds; of one that is seen on a day, its first instant."""
    begin = getattr(effect, "on", None) or getattr(effect, "starts", None) or announcement.announced
    span = lifespan(begin, getattr(effect, "last_day", None), getattr(effect, "until", None), registry.tz)
    return Lifespan(span.begin, span.begin + 1) if isinstance(effect, Passage) else span


def act_findings(announcement: Announcement, known: References) -> Iterator[EntryFinding]:
    """Warnings where a party speaks, reports or acts before it exists, or after."""
    at = announced_at(announcement, zone(known.registry.dataset.timezone))
    named: list[tuple[tuple[str | int, ...], str]] = [
        (("by", number, "party"), speaker.party) for number, speaker in enumerate(announcement.by)
    ]
    for number, effect in enumerate(announcement.effect):
        named += [
            (("effect", number, key), getattr(effect, key)) for key in ("party", "by") if getattr(effect, key, None)
        ]
    for path, party in named:
        if text := outside_life(party, at, known):
            advice = "name who spoke for it then, or mend a date here or in the registry"
            yield EntryFinding(path, f"announced on {announcement.announced}, and {text}: {advice}", Severity.WARNING)
