"""Checks of a registry and of statements against all rules, and the rules of statements themselves."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import islice

from tracker.dataset.addresses import address_findings
from tracker.dataset.class_rules import class_name_findings
from tracker.dataset.effect_rules import effect_findings
from tracker.dataset.existing import OnRecord, concerning
from tracker.dataset.files import FileEntry
from tracker.dataset.life_rules import act_findings, place_findings
from tracker.dataset.references import PLEDGE_KINDS, STATEMENT, EntryKey, Locations, References, unknown_names
from tracker.dataset.registry_rules import (
    alias_findings,
    case_findings,
    subject_findings,
    twin_findings,
    uncounted_findings,
)
from tracker.dataset.suggestions import differs_in_case, meant, reserved_name, show
from tracker.dataset.validation import MAX_FINDINGS, EntryFinding, shaped
from tracker.model.announcement import (
    Announcement,
    Correction,
    Retraction,
    Statement,
    announced_at,
    day_of,
    merge_patch,
)
from tracker.model.dataset import entry_id
from tracker.model.dates import close_of, zone
from tracker.model.effects import Pledge
from tracker.model.errors import Problem, Severity
from tracker.model.events import canonical
from tracker.model.registry import Registry
from tracker.model.vocabulary import SubjectKind, Verification

OF_ALL = twin_findings, case_findings, alias_findings, uncounted_findings, class_name_findings  # of the whole registry


@dataclass(frozen=True)
class CorrectedVersion:
    """An announcement as corrected by one correction; None with findings if the result is no announcement."""

    correction: Correction
    before: Announcement
    after: Announcement | None
    findings: tuple[EntryFinding, ...]


def in_order(statements: Iterable[Statement], tz: tzinfo) -> tuple[Statement, ...]:
    """Statements in the order of recording: as announced, then by id; on one day, originals before corrections."""
    return tuple(sorted(statements, key=lambda one: (announced_at(one, tz), not isinstance(one, Announcement), one.id)))


def check_registry(
    registry: Registry, locations: Locations, broken: frozenset[EntryKey] = frozenset()
) -> tuple[Problem, ...]:
    """Problems of the entries of a registry; `broken` are those that could not be read."""
    known = References(registry, broken=broken)
    report = _ProblemCollector(locations)
    for subject in registry.subjects():
        report.add((subject.type, entry_id(subject.type, subject.id)), subject_findings(subject, known))
    for subject, finding in (found for rule in OF_ALL for found in rule(registry)):
        report.add((subject.type, entry_id(subject.type, subject.id)), [finding])
    return tuple(report.problems)


def check(
    registry: Registry,
    on_record: OnRecord,
    new_statements: Iterable[Statement],
    locations: Locations,
    broken: frozenset[EntryKey] = frozenset(),
) -> tuple[Problem, ...]:
    """Problems of new statements, given those that are on the record.

    A statement on the record gives way to a new one with its id: the store decides whether that is allowed.
    """
    tz = zone(registry.dataset.timezone)
    new = in_order(new_statements, tz)
    statements = {one.id: one for one in in_order((*concerning(new, on_record), *new), tz)}
    statements |= {one.id: one for one in new}
    corrected = list(_versions(statements, tz))
    pledges = _pledges(statements.values(), corrected, {one.id for one in new})
    known = References(registry, statements, pledges, broken, on_record, short_forms=True)
    report = _ProblemCollector(locations)
    names = _names_in_any_case(new, on_record)
    for statement in new:
        report.add((STATEMENT, statement.id), _name_findings(statement.id, names))
        report.add((STATEMENT, statement.id), statement_findings(statement, known))
    _report_versions(corrected, known, {one.id for one in new}, report)
    return tuple(report.problems)


def _versions(statements: Mapping[str, Statement], tz: tzinfo) -> Iterator[CorrectedVersion]:
    """Every corrected version of every announcement."""
    corrections: dict[str, list[Correction]] = {}
    for statement in in_order(statements.values(), tz):
        if isinstance(statement, Correction):
            corrections.setdefault(statement.corrects, []).append(statement)
    for name, its_corrections in corrections.items():
        original = statements.get(name)
        if isinstance(original, Announcement):
            yield from corrected_versions(original, its_corrections)


def _report_versions(
    corrected: Iterable[CorrectedVersion], known: References, new: Collection[str], report: "_ProblemCollector"
) -> None:
    """Report findings at new corrections: also those that they cause in recorded corrections announced later."""
    newest: dict[str, str] = {}
    for version in corrected:
        correction = version.correction
        if correction.id in new:
            newest[correction.corrects] = correction.id
            report.add((STATEMENT, correction.id), correction_findings(version, known))
        elif correction.corrects in newest:
            later = [
                EntryFinding((), f"with {correction.id}, which comes later: {finding.message}")
                for finding in correction_findings(version, known)
            ]
            report.add((STATEMENT, newest[correction.corrects]), later)


def _pledges(
    statements: Collection[Statement], corrected: Iterable[CorrectedVersion], new: Collection[str]
) -> dict[str, str]:
    """Every pledge and the announcement that made it; a retracted announcement gives way to any other.

    A new announcement takes no pledge from one on the record, even if it was announced before that.
    """
    retracted = {one.retracts for one in statements if isinstance(one, Retraction)}
    originals = [one for one in statements if isinstance(one, Announcement)]
    all_versions = [*originals, *(version.after for version in corrected if version.after)]
    pledges: dict[str, str] = {}
    for announcement in sorted(all_versions, key=lambda one: (one.id in retracted, one.id in new)):
        for effect in announcement.effect:
            if isinstance(effect, Pledge):
                pledges.setdefault(effect.pledge, announcement.id)
    return pledges


class _ProblemCollector:
    """Collects findings as problems at their lines, a limited number for each file, as each costs a search."""

    def __init__(self, locations: Locations) -> None:
        self.problems: list[Problem] = []
        self._locations = locations
        self._counts: Counter[str] = Counter()

    def add(self, key: EntryKey, findings: Iterable[EntryFinding]) -> None:
        entry = self._locations.get(key, FileEntry(f"{key[0]} {key[1]}"))
        for finding in islice(findings, MAX_FINDINGS + 1 - self._counts[entry.path]):
            self._counts[entry.path] += 1
            self.problems.append(finding.at(entry))


def _names_in_any_case(new: Iterable[Statement], on_record: OnRecord) -> Mapping[str, str]:
    """The ids of statements, by what they are whatever their case; those on the record come first."""
    names: dict[str, str] = {}
    for name in (*on_record.names(), *(statement.id for statement in new)):
        names.setdefault(name.casefold(), name)
    return names


def _name_findings(name: str, names: Mapping[str, str]) -> Iterator[EntryFinding]:
    if reserved := reserved_name(name):
        yield EntryFinding((), reserved)
    if names[name.casefold()] != name:
        yield EntryFinding((), differs_in_case(name, names[name.casefold()]))


def statement_findings(statement: Statement, known: References) -> Iterator[EntryFinding]:
    """Findings about one statement, but for the effect of a correction on its original."""
    for number, speaker in enumerate(statement.by):
        if problem := known.unknown(speaker.party, SubjectKind.PARTY):
            yield EntryFinding(("by", number, "party"), problem)
    yield from address_findings(statement.source)
    match statement:
        case Announcement():
            if not statement.source:
                yield _no_source(statement)
            yield from content_findings(statement, known)
            yield from act_findings(statement, known)
            yield from place_findings(statement, known)
        case Correction():
            yield from _target(statement, "corrects", statement.corrects, known)
        case Retraction():
            yield from _target(statement, "retracts", statement.retracts, known)


def _no_source(announcement: Announcement) -> EntryFinding:
    """A finding about an announcement without a source: a note where the coder has said that none is known."""
    if announcement.status is not Verification.VERIFIED and announcement.note:
        return EntryFinding((), f"no source, and {announcement.status} with a note that says why", Severity.NOTE)
    return EntryFinding((), "no source: add a [[source]] with at least its publisher", Severity.WARNING)


def content_findings(announcement: Announcement, known: References) -> Iterator[EntryFinding]:
    """Findings about the effects, relations and subjects of an announcement."""
    pledged: set[str] = set()
    for number, effect in enumerate(announcement.effect):
        for finding in effect_findings(effect, announcement, known):
            yield finding._replace(path=("effect", number, *finding.path))
        if isinstance(effect, Pledge):
            maker = known.pledges.get(effect.pledge, announcement.id)
            taken = maker != announcement.id and announcement.id not in known.retracted
            if taken or effect.pledge in pledged:
                message = (
                    f"pledge {effect.pledge} was already made in {maker}: choose another id, or use a [[relation]]"
                )
                yield EntryFinding(("effect", number, "pledge"), message)
            pledged.add(effect.pledge)
    yield from unknown_names(announcement.about, "about", known, SubjectKind.PARTY, *PLEDGE_KINDS)
    yield from _after_findings(announcement, known)
    for number, relation in enumerate(announcement.relation):
        if problem := _unrelated(relation.announcement, announcement, known):
            yield EntryFinding(("relation", number, "announcement"), problem)


def _after_findings(announcement: Announcement, known: References) -> Iterator[EntryFinding]:
    """Findings where `after` names what is no statement of the same day or an earlier one."""
    tz = zone(known.registry.dataset.timezone)
    for number, name in enumerate(announcement.after):
        other = known.statements.get(name)
        if problem := _unrelated(name, announcement, known):
            yield EntryFinding(("after", number), problem)
        elif isinstance(other, Announcement):
            if announced_at(other, tz) > close_of(day_of(announcement, tz), tz):
                message = f"{name} was announced on a later day ({other.announced}): mend one of the dates, or `after`"
                yield EntryFinding(("after", number), message)
            elif announcement.id in other.after:
                yield EntryFinding(
                    ("after", number), f"{name} comes after {announcement.id} by its own word: keep one of the two"
                )


def _unrelated(name: str, announcement: Announcement, known: References) -> str | None:
    if name == announcement.id:
        return f"{name} cannot relate to itself: name another announcement"
    other = known.statements.get(name)
    if isinstance(other, Correction | Retraction):
        original = other.corrects if isinstance(other, Correction) else other.retracts
        return f"{name} only corrects or retracts {original}: name {original} itself"
    return known.unannounced(name)


def _target(statement: Correction | Retraction, key: str, name: str, known: References) -> Iterator[EntryFinding]:
    """Findings where the target of a correction or retraction is no announcement, or was announced later."""
    if problem := known.unannounced(name):
        yield EntryFinding((key,), problem)
    target = known.statements.get(name)
    if isinstance(target, Correction | Retraction):
        original = target.corrects if isinstance(target, Correction) else target.retracts
        yield EntryFinding((key,), f"{name} is not an original announcement: name {original} again")
    elif target is not None:
        tz = zone(known.registry.dataset.timezone)
        if announced_at(statement, tz) < announced_at(target, tz):
            message = (
                f"announced {statement.announced}, before what it {key} ({target.announced}): mend one of the dates"
            )
            yield EntryFinding(("announced",), message)


def corrected_versions(original: Announcement, corrections: Iterable[Correction]) -> Iterator[CorrectedVersion]:
    """An announcement after each of its corrections, in their order."""
    before, plain = original, canonical(original)
    for correction in corrections:
        findings = tuple(_patch_findings(correction, plain))
        patch = {key: value for key, value in correction.patch.items() if key != "id"}
        plain = merge_patch(plain, patch)
        after, wrong = shaped(Announcement, plain, f"{original.id}, as corrected")
        blamed = (EntryFinding(in_correction(finding.path, correction), finding.message) for finding in wrong)
        yield CorrectedVersion(correction, before, after, (*findings, *blamed))
        before = after or before


def _patch_findings(correction: Correction, plain: Mapping[str, object]) -> Iterator[EntryFinding]:
    if "id" in correction.patch:
        key = ("replace", "id") if "id" in correction.replace else ("remove",)
        yield EntryFinding(key, f"the id of {correction.corrects} cannot be corrected: leave `id` out")
    for number, key_out in enumerate(correction.remove):
        if key_out in correction.replace:
            message = f"`{key_out}` is both replaced and removed: keep one"
            yield EntryFinding(("remove", number), message)
        elif key_out not in plain:
            message = f"{correction.corrects} has no key {show(key_out)} to remove: {meant(key_out, plain.keys())}"
            yield EntryFinding(("remove", number), message)


def in_correction(path: Sequence[str | int], correction: Correction) -> tuple[str | int, ...]:
    """The key of a correction that causes a finding at a key of its result."""
    removed = bool(path) and path[0] in correction.remove
    return ("remove",) if removed or not correction.replace else ("replace", *path)


def correction_findings(version: CorrectedVersion, known: References) -> Iterator[EntryFinding]:
    """Findings about a corrected announcement that its correction causes."""
    yield from version.findings
    if version.after is not None:
        earlier = {finding.message for finding in content_findings(version.before, known)}
        for finding in content_findings(version.after, known):
            if finding.message not in earlier:
                yield EntryFinding(in_correction(finding.path, version.correction), finding.message)
        yield from _speakers(version, known)


def _speakers(version: CorrectedVersion, known: References) -> Iterator[EntryFinding]:
    for number, speaker in enumerate(version.after.by if version.after else ()):
        problem = known.unknown(speaker.party, SubjectKind.PARTY)
        if problem and speaker not in version.before.by:
            yield EntryFinding(in_correction(("by", number, "party"), version.correction), problem)
