"""Names of registered subjects: ids, aliases, titles, and names in every language, whatever their case and accents."""

from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Protocol

from tracker.model.folding import words_of
from tracker.model.vocabulary import SubjectKind

if TYPE_CHECKING:
    from tracker.model.registry import Registry

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


def names_of(registry: "Registry", subject: Named) -> Iterator[str]:
    """The name or title of a subject, and those in other languages; a border also goes by its two sides."""
    if subject.name:
        yield subject.name
    yield from getattr(subject, "names", {}).values()
    sides = [side_name(registry, side) for side in getattr(subject, "between", ())]
    yield from (" – ".join(order) for order in (sides, sides[::-1]) if sides)


def _ids(_registry: "Registry", subjects: Mapping[str, Named]) -> Iterator[tuple[str, str]]:
    return ((key, key) for key in subjects)


def _aliases(_registry: "Registry", subjects: Mapping[str, Named]) -> Iterator[tuple[str, str]]:
    for key, subject in subjects.items():
        yield from ((alias, key) for alias in getattr(subject, "aliases", ()))


def _names(registry: "Registry", subjects: Mapping[str, Named]) -> Iterator[tuple[str, str]]:
    for key, subject in subjects.items():
        yield from ((name, key) for name in names_of(registry, subject))


Level = Callable[["Registry", Mapping[str, Any]], Iterator[tuple[str, str]]]  # pairs of a name and an id
LEVELS: tuple[Level, ...] = (_ids, _aliases, _names)  # a name of one level hides those of the levels behind it


class Names:
    """The subjects of a registry by their names; each kind and level is read when a name is looked for in it."""

    def __init__(self, registry: "Registry") -> None:
        self._registry = registry
        self._kinds: Mapping[SubjectKind, Mapping[str, Named]] = {
            SubjectKind.PARTY: registry.parties,
            SubjectKind.TERRITORY: registry.territories,
            SubjectKind.BORDER: registry.borders,
            SubjectKind.CROSSING: registry.crossings,
            SubjectKind.CORRIDOR: registry.corridors,
            SubjectKind.MEASURE: registry.measures,
            SubjectKind.INSTRUMENT: registry.instruments,
        }
        self._indexes: dict[tuple[Level, SubjectKind], dict[str, list[str]]] = {}

    def matching(self, name: str, kinds: Collection[SubjectKind]) -> tuple[str, ...]:
        """The ids of the subjects of some kinds that a name means: none, one, or several where it is not clear."""
        if any(name in self._kinds[kind] for kind in kinds):
            return (name,)  # as a rule, and then no subject is read
        key = name_key(name)
        for level in LEVELS:
            ids = dict.fromkeys(one for kind in kinds for one in self._index(level, kind).get(key, ()))
            if ids:
                return tuple(ids)
        return ()

    def near(self, name: str, kinds: Collection[SubjectKind], number: int = 3) -> tuple[str, ...]:
        """The ids of the subjects of some kinds whose names are most like a name, the nearest first."""
        keys: dict[str, list[str]] = {}
        for level in reversed(LEVELS):
            for kind in kinds:
                keys |= self._index(level, kind)
        near = get_close_matches(name_key(name), keys, n=number, cutoff=MIN_LIKENESS)
        return tuple(dict.fromkeys(one for match in near for one in keys[match]))

    def _index(self, level: Level, kind: SubjectKind) -> Mapping[str, list[str]]:
        """The ids of the subjects of a kind by their folded names of a level."""
        index = self._indexes.get((level, kind))
        if index is None:
            index = self._indexes[level, kind] = {}
            for name, key in level(self._registry, self._kinds[kind]):
                ids = index.setdefault(name_key(name), [])
                if key not in ids:
                    ids.append(key)
        return index
