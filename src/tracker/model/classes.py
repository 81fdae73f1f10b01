"""Classes of travellers, vehicles and goods: which of them hold or exclude each other. Source: design §3, "Classes".

Two classes of one group exclude each other unless one is within the other. A word that is no registered class, and a
class of another group, may overlap with anything.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Literal, NamedTuple

from tracker.model.errors import BadRequest
from tracker.model.fields import ClassId, Id, Model
from tracker.model.folding import words_of
from tracker.model.text import Line, NoteField
from tracker.model.vocabulary import SubjectKind


class FlowClass(Model):
    """A class of travellers, vehicles or goods, in words."""

    type: Literal[SubjectKind.CLASS] = SubjectKind.CLASS
    id: ClassId
    name: Line
    group: Id  # two classes of one group exclude each other, unless one is within the other
    within: tuple[ClassId, ...] = ()
    aliases: tuple[Line, ...] = ()
    note: NoteField = None


class AskedClasses(NamedTuple):
    """The classes that a question names, and the words that hold their flow whole or have no part in it."""

    words: tuple[str, ...] = ()  # ids of registered classes, and other words as they are compared; ascending
    holding: frozenset[str] = frozenset()  # the keys of words that are or contain one of them
    excluded: frozenset[str] = frozenset()  # the keys of words that exclude one of them


NO_CLASSES = AskedClasses()


@lru_cache(maxsize=65_536)
def word_key(word: str) -> str:
    """The form in which the words of classes are compared; "lorries only" means lorries."""
    return " ".join(words_of(word)).removesuffix(" only")


def names_of(entry: FlowClass) -> tuple[str, ...]:
    """Every name of a class."""
    return (entry.id, entry.name, *entry.aliases)


def keys_of(entry: FlowClass) -> set[str]:
    """Every name of a class, as names are compared."""
    return set(map(word_key, names_of(entry)))


def containing(classes: Mapping[str, FlowClass], key: str) -> frozenset[str]:
    """The ids of a class and of all classes that it is within, directly or through others."""
    ids: set[str] = set()
    waiting = [key]
    while waiting:
        own = waiting.pop()
        if own in classes and own not in ids:
            ids.add(own)
            waiting += classes[own].within
    return frozenset(ids)


def exclude(classes: Mapping[str, FlowClass], one: str, other: str) -> bool:
    """Whether two registered classes exclude each other: both are of one group, and neither is within the other."""
    nested = one in containing(classes, other) or other in containing(classes, one)
    return classes[one].group == classes[other].group and not nested


def class_named(classes: Mapping[str, FlowClass], word: str) -> FlowClass | None:
    """The registered class that a word means, by its id, its name or an alias."""
    key = word_key(word)
    return next((entry for entry in classes.values() if key in keys_of(entry)), None)


def asked_classes(classes: Mapping[str, FlowClass], words: Iterable[str]) -> AskedClasses:
    """The classes that a question names, in one order and by one name each.

    Args: classes: all that are registered.
    Raises: BadRequest where two of them are of one group, or a word has no letters.
    """
    entries: dict[str, FlowClass | None] = {}
    for word in words:
        if not word_key(word):
            raise BadRequest(f"only {word!r} names no class: write one, or leave it out")
        entry = class_named(classes, word)
        entries[entry.id if entry else word_key(word)] = entry
    asked = [entry for entry in entries.values() if entry is not None]
    for one, other in combinations(asked, 2):
        if one.group == other.group:
            raise BadRequest(
                f"only names {one.id} and {other.id}, which are classes of one group, {one.group}: a question takes at "
                "most one of each, so leave one of the two out, or ask twice"
            )
    holding = {word for word, entry in entries.items() if entry is None}
    excluded: set[str] = set()
    for entry in asked:
        for name in containing(classes, entry.id):
            holding |= keys_of(classes[name])
        for other in classes.values():
            if exclude(classes, entry.id, other.id):
                excluded |= keys_of(other)
    return AskedClasses(tuple(sorted(entries)), frozenset(holding), frozenset(excluded))
