"""Names of registered subjects: ids, titles, aliases, official numbers, and names in every language.

Case and accents do not matter.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Protocol

from tracker.model.folding import words_of
from tracker.model.vocabulary import SubjectKind

if TYPE_CHECKING:
    from tracker.model.registry import Registry

Key = Callable[[str], str]  # the form of a name in which it is compared
MIN_LIKENESS = 0.6  # of a name that is proposed for one that is not registered


class Named(Protocol):
    """A registered subject."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str | None: ...


def name_key(name: str) -> str:
    """The form in which names are compared: their folded letters and digits."""
    return "".join(words_of(name))


def side_name(registry: "Registry", territory: str) -> str:
    """The name of a territory as a side of a border."""
    entry = registry.territories.get(territory)
    return entry.name.removesuffix(" (mainland)") if entry else territory


def display_name(registry: "Registry", subject: Named) -> str:
    """The name of a subject as people read it; a border without one goes by its two sides."""
    sides = () if subject.name else getattr(subject, "between", ())
    return subject.name or " – ".join(side_name(registry, side) for side in sides) or subject.id


def name_of(registry: "Registry", key: str) -> str:
    """The name of the subject with an id: one with a state, else a territory or party; the id of anything else."""
    kinds = (registry.with_state, registry.territories, registry.parties)
    return next((display_name(registry, kind[key]) for kind in kinds if key in kind), key)


def party_name(registry: "Registry", key: str) -> str:
    """The name of the party with an id, which a territory may share; the id where it is no party."""
    return registry.parties[key].name if key in registry.parties else key


def names_of(registry: "Registry", subject: Named) -> Iterator[str]:
    """Every name of a subject: id, name or title, names in other languages, aliases, official numbers, sides."""
    yield subject.id
    if subject.name:
        yield subject.name
    yield from getattr(subject, "names", {}).values()
    yield from getattr(subject, "aliases", ())
    yield from (getattr(subject, "ids", None) or {}).values()
    sides = [side_name(registry, side) for side in getattr(subject, "between", ())]
    yield from (" – ".join(order) for order in (sides, sides[::-1]) if sides)


class Names:
    """The subjects of a registry by their names; each kind is read when a name is looked for among it."""

    def __init__(self, registry: "Registry") -> None:
        self._registry = registry
        self._kinds: Mapping[SubjectKind, Mapping[str, Named]] = {
            SubjectKind.PARTY: registry.parties,
            SubjectKind.TERRITORY: registry.territories,
            SubjectKind.BORDER: registry.borders,
            SubjectKind.CROSSING: registry.crossings,
            SubjectKind.CORRIDOR: registry.corridors,
            SubjectKind.CLASS: registry.classes,
            SubjectKind.MEASURE: registry.measures,
            SubjectKind.INSTRUMENT: registry.instruments,
        }
        self._indexes: dict[tuple[SubjectKind, Key], dict[str, list[str]]] = {}

    def matching(self, name: str, kinds: Collection[SubjectKind]) -> tuple[str, ...]:
        """The ids of the subjects of some kinds that a name means: none, one, or several where it is not clear.

        An id as it is written goes before a name as it is written, and that before folded names. Measures, which may be
        many, are read only where nothing else has the name.
        """
        if any(name in self._kinds[kind] for kind in kinds):
            return (name,)  # as a rule, and then no subject is read
        measures = [kind for kind in kinds if kind is SubjectKind.MEASURE]
        for some in ([kind for kind in kinds if kind is not SubjectKind.MEASURE], measures):
            for key in (str, name_key):
                ids = dict.fromkeys(one for kind in some for one in self._index(kind, key).get(key(name), ()))
                if ids:
                    return tuple(ids)
        return ()

    def near(self, name: str, kinds: Collection[SubjectKind], number: int = 3) -> tuple[str, ...]:
        """The ids of the subjects of some kinds whose names are most like a name, the nearest first."""
        keys: dict[str, list[str]] = {}
        for kind in kinds:
            keys |= self._index(kind, name_key)
        near = get_close_matches(name_key(name), keys, n=number, cutoff=MIN_LIKENESS)
        return tuple(dict.fromkeys(one for match in near for one in keys[match]))

    def _index(self, kind: SubjectKind, key: Key) -> Mapping[str, list[str]]:
        """The ids of the subjects of a kind by the keys of their names."""
        index = self._indexes.get((kind, key))
        if index is None:
            index = {}
            for subject in self._kinds[kind].values():
                for own in {key(name) for name in names_of(self._registry, subject)}:
                    index.setdefault(own, []).append(subject.id)
            self._indexes[kind, key] = index  # once it is whole: other threads read it
        return index
