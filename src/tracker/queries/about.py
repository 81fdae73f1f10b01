"""The one relation between an announcement and what it concerns: subjects, territories, parties and pledges.

Lists, pages, facets, feeds and webhooks all ask it. Source: design §4 (`about`) and §9.
"""

from collections.abc import Iterator
from typing import Any

from tracker.model.announcement import Announcement
from tracker.model.charges import ever_in_charge
from tracker.model.effects import AnyEffect, Pledge
from tracker.model.errors import UnknownSubject
from tracker.model.lists import Words, told_apart
from tracker.model.registry import Border, Corridor, Crossing, Registry
from tracker.model.vocabulary import SubjectKind
from tracker.queries.selection import KINDS
from tracker.state.lanes import places_of
from tracker.state.record import View
from tracker.timeline.assertions import pledge_track

NAMED_KINDS = (SubjectKind.TERRITORY, SubjectKind.PARTY, *KINDS)
_NAMING_FIELDS = (  # of effects: each holds an id, or several
    "measure", "instrument", "pledge", "at", "party", "parties", "by", "origin", "destination",
)  # fmt: skip


def about(view: View, content: Announcement) -> frozenset[str]:
    """Ids of everything that an announcement concerns, as known to a view; a party and a territory may share one.

    That is what its effects and its `about` key name, and what this implies; and the same of the announcements that
    it denies, confirms or otherwise relates to, one step and not further.
    """
    known: dict[str, frozenset[str]] = view.memo.setdefault("about", {})
    if content.id not in known:
        known[content.id] = _about(view, content)
    return known[content.id]


def _about(view: View, content: Announcement) -> frozenset[str]:
    related = (view.version(relation.announcement) for relation in content.relation)
    contents = [content, *(version.content for version in related if version and version.content)]
    names = {name for one in contents for name in _named(one)}
    return frozenset(names.union(*(implied(view, name) for name in names)))


def ids_about(view: View, name: str) -> frozenset[str]:
    """The ids that a name means in a question for what announcements concern.

    Raises: UnknownSubject.
    """
    names = view.registry.names
    keys = names.matching(name, NAMED_KINDS) or ((name,) if view.track(pledge_track(name)) >= 0 else ())
    if not keys:
        near = names.near(name, NAMED_KINDS)
        hint = f"did you mean {', '.join(near)}?" if near else "`tracker state` lists what has a state"
        raise UnknownSubject(f"no place, measure, text, party or pledge is registered as {name!r}: {hint}")
    return frozenset(keys)


def _named(content: Announcement) -> Iterator[str]:
    """The ids in an announcement itself."""
    yield from content.about
    for effect in content.effect:
        yield from _named_by(effect)


def _named_by(effect: AnyEffect) -> Iterator[str]:
    for field in _NAMING_FIELDS:
        value: Any = getattr(effect, field, None)
        yield from (value,) if isinstance(value, str) else _each(value)


def _each(words: Words | None) -> Iterator[str]:
    """Every word of a list, also those that are not meant."""
    return (word for some in told_apart(words or ()) for word in some)


def implied(view: View, name: str) -> frozenset[str]:
    """Ids of all that a statement about a subject or pledge concerns; worked out once for each view."""
    known: dict[str, frozenset[str]] = view.memo.setdefault("implied by", {})
    if name not in known:
        known[name] = frozenset(_with_places(view.registry, *_imply(view, name)))
    return known[name]


def _imply(view: View, name: str) -> Iterator[str]:
    """A subject, with the places and parties of a measure, the parties of a text, or what a pledge names."""
    registry = view.registry
    yield name
    if name in registry.measures:
        measure = registry.measures[name]
        scope = measure.scope
        yield from (measure.authority, *scope.at, *_each(scope.origin), *_each(scope.destination))
    if name in registry.instruments:
        yield from registry.instruments[name].parties
    if (track := view.track(pledge_track(name))) >= 0:
        for effect in map(view.effect, view.rows_of(track)):
            yield from _named_by(effect) if isinstance(effect, Pledge) else ()


def _with_places(registry: Registry, *names: str) -> Iterator[str]:
    """Ids with the border of a crossing, the borders of a corridor, the territories beside them, and their parties."""
    for name in names:
        place = registry.places.get(name)
        keys = places_of(registry, place) if isinstance(place, Border | Crossing | Corridor) else (name,)
        for key in keys:
            if key == name or key not in registry.crossings:
                yield key
            if key in registry.territories:
                yield from ever_in_charge(registry.territories[key].authority)
