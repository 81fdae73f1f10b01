"""Rules of classes and of the lists that may say "all but": what they name fits together."""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from tracker.dataset.references import References, unknown_names
from tracker.dataset.suggestions import nearest, one_of, show
from tracker.dataset.validation import EntryFinding
from tracker.model.classes import FlowClass, class_named, containing, exclude, keys_of, names_of, word_key
from tracker.model.errors import Severity
from tracker.model.fields import ALL_BUT
from tracker.model.lists import Words, told_apart
from tracker.model.registry import Measure, Registry, Subject
from tracker.model.vocabulary import SubjectKind


def class_findings(entry: FlowClass, known: References) -> Iterator[EntryFinding]:
    """Findings where a class is within an unknown one, one of another group, itself, or two that exclude each other."""
    yield from unknown_names(entry.within, "within", known, SubjectKind.CLASS)
    classes = known.registry.classes
    outer = [(number, classes[name]) for number, name in enumerate(entry.within) if name in classes]
    for number, other in outer:
        if entry.id in containing(classes, other.id):
            circle = "itself" if other.id == entry.id else f"{other.id}, which is within {entry.id}"
            message = f"class {entry.id} is within {circle}: take one of them out, as the wider one is not within"
            yield EntryFinding(("within", number), message)
        elif other.group != entry.group:
            message = (
                f"class {entry.id} is of group {entry.group}, and {other.id}, which it is within, of {other.group}: "
                "give both one group, or leave it out, as classes of two groups may overlap anyway"
            )
            yield EntryFinding(("within", number), message)
    for (_, one), (number, other) in combinations(outer, 2):
        if one.group == other.group and exclude(classes, one.id, other.id):
            message = (
                f"class {entry.id} is within {one.id} and {other.id}, which exclude each other, as both are of group "
                f"{one.group}: put one of them within the other, or keep one here"
            )
            yield EntryFinding(("within", number), message)


def class_name_findings(registry: Registry) -> Iterator[tuple[Subject, EntryFinding]]:
    """Findings where two classes have one name."""
    owners: dict[str, FlowClass] = {}
    for entry in registry.classes.values():
        for key in keys_of(entry):
            owner = owners.setdefault(key, entry)
            if owner is not entry and word_key(entry.name) == key:
                message = f"{show(entry.name)} already means class {owner.id}: give class {entry.id} another name"
                yield entry, EntryFinding(("name",), message)


def list_findings(key: str, words: Words | None, known: References) -> Iterator[EntryFinding]:
    """Findings where a list leaves out what it does not mean, or all that it means."""
    within, apart = RELATIONS[key]
    meant, _ = told_apart(words or ())
    for number, word in enumerate(words or ()):
        if not word.startswith(ALL_BUT):
            continue
        left_out = word.removeprefix(ALL_BUT).strip()
        classes = known.registry.classes
        emptied = next((one for one in meant if within(classes, one, left_out)), None)
        if emptied is not None:
            message = f"{show(word)} leaves nothing of {show(emptied)}: take one of the two out"
            yield EntryFinding((key, number), message)
        elif meant and all(apart(classes, one, left_out) for one in meant):
            message = f"{show(word)} takes nothing away from {one_of([show(one) for one in meant])}: leave it out"
            yield EntryFinding((key, number), message)


def only_findings(words: Words | None, known: References) -> Iterator[EntryFinding]:
    """Findings about the words of an `only`: also words that name nothing, and probable slips of the pen."""
    classes = known.registry.classes
    for number, word in enumerate(words or ()):
        plain = word.removeprefix(ALL_BUT)
        if not word_key(plain):
            yield EntryFinding(("only", number), f'{show(word)} names no class: write one, or "!" and one')
        elif class_named(classes, plain) is None:
            guess = nearest(plain, [name for entry in classes.values() for name in names_of(entry)])
            near = class_named(classes, guess) if guess else None
            if near is not None:
                message = f"{show(plain)} is no registered class, and may overlap with any: did you mean {near.id}?"
                yield EntryFinding(("only", number), message, Severity.WARNING)
    yield from list_findings("only", words, known)


def outside_findings(measure: Measure, words: Words | None, known: References) -> Iterator[EntryFinding]:
    """Findings about words of an effect's `only` that exclude all the classes that its measure is for."""
    classes, (own, _) = known.registry.classes, told_apart(measure.scope.only or ())
    for number, word in enumerate(words or ()):
        if own and not word.startswith(ALL_BUT) and all(_classes_apart(classes, word, one) for one in own):
            message = f"{measure.id} is for {one_of(own)} only, which {show(word)} is no part of: mend `only`"
            yield EntryFinding(("only", number), message)


Classes = Mapping[str, FlowClass]
Relation = Callable[[Classes, str, str], bool]  # of two words of a list


def _codes_within(_: Classes, one: str, other: str) -> bool:
    return one.startswith(other)


def _codes_apart(_: Classes, one: str, other: str) -> bool:
    return not (one.startswith(other) or other.startswith(one))


def _same(_: Classes, one: str, other: str) -> bool:
    return one == other


def _never(_: Classes, _one: str, _other: str) -> bool:
    return False


def _class_within(classes: Classes, one: str, other: str) -> bool:
    inner, outer = class_named(classes, one), class_named(classes, other)
    if inner is None or outer is None:
        return word_key(one) == word_key(other)
    return outer.id in containing(classes, inner.id)


def _classes_apart(classes: Classes, one: str, other: str) -> bool:
    entries = class_named(classes, one), class_named(classes, other)
    return entries[0] is not None and entries[1] is not None and exclude(classes, entries[0].id, entries[1].id)


RELATIONS: Mapping[str, tuple[Relation, Relation]] = {  # by list: whether one word is within another, or apart from it
    "goods": (_codes_within, _codes_apart),
    "only": (_class_within, _classes_apart),
    "origin": (_same, _never),
    "destination": (_same, _never),
}
