"""The rules that hold between entries: run over a whole dataset, or over new files against a store."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import tzinfo
from itertools import islice

from tracker.dataset.existing import OnRecord, concerning
from tracker.dataset.files import Entry
from tracker.dataset.references import STATEMENT, Key, Known, Locations
from tracker.dataset.registry_rules import alias_findings, subject_findings, twin_findings
from tracker.dataset.statement_rules import Version, statement_findings, version_findings, versions
from tracker.dataset.validation import MAX_FINDINGS, Finding
from tracker.model.announcement import Announcement, Correction, Retraction, Statement, announced_at
from tracker.model.dates import zone
from tracker.model.effects import Pledge
from tracker.model.errors import Problem
from tracker.model.registry import Registry


def in_order(statements: Iterable[Statement], tz: tzinfo) -> tuple[Statement, ...]:
    """The order of recording: as announced, then by id; on one day, an original before what corrects it."""
    return tuple(sorted(statements, key=lambda one: (announced_at(one, tz), not isinstance(one, Announcement), one.id)))


def check_registry(
    registry: Registry, locations: Locations, broken: frozenset[Key] = frozenset()
) -> tuple[Problem, ...]:
    """What is wrong between the entries of a registry; `broken` are those that could not be read."""
    known = Known(registry, broken=broken)
    report = _Report(locations)
    for subject in registry.subjects():
        report.add((subject.type, subject.id), subject_findings(subject, known))
    for subject, finding in (*twin_findings(registry), *alias_findings(registry)):
        report.add((subject.type, subject.id), [finding])
    return tuple(report.problems)


def check(
    registry: Registry,
    on_record: OnRecord,
    new_statements: Iterable[Statement],
    locations: Locations,
    broken: frozenset[Key] = frozenset(),
) -> tuple[Problem, ...]:
    """What is wrong with new statements, given those that are on the record.

    A statement that is there under the same id gives way to the new one: whether it may is for the store to say.
    """
    tz = zone(registry.dataset.timezone)
    new = in_order(new_statements, tz)
    statements = {one.id: one for one in in_order((*concerning(new, on_record), *new), tz)}
    statements |= {one.id: one for one in new}
    corrected = list(_versions(statements, tz))
    pledges = _pledges(statements.values(), corrected, {one.id for one in new})
    known = Known(registry, statements, pledges, broken, on_record)
    report = _Report(locations)
    for statement in new:
        report.add((STATEMENT, statement.id), statement_findings(statement, known))
    _report_versions(corrected, known, {one.id for one in new}, report)
    return tuple(report.problems)


def _versions(statements: Mapping[str, Statement], tz: tzinfo) -> Iterator[Version]:
    """Every corrected version of every announcement."""
    corrections: dict[str, list[Correction]] = {}
    for statement in in_order(statements.values(), tz):
        if isinstance(statement, Correction):
            corrections.setdefault(statement.corrects, []).append(statement)
    for name, its_corrections in corrections.items():
        original = statements.get(name)
        if isinstance(original, Announcement):
            yield from versions(original, its_corrections)


def _report_versions(corrected: Iterable[Version], known: Known, new: Collection[str], report: "_Report") -> None:
    """A new correction also answers for what it makes of known ones that were announced after it."""
    newest: dict[str, str] = {}
    for version in corrected:
        correction = version.correction
        if correction.id in new:
            newest[correction.corrects] = correction.id
            report.add((STATEMENT, correction.id), version_findings(version, known))
        elif correction.corrects in newest:
            later = [
                Finding((), f"with {correction.id}, which comes later: {finding.message}")
                for finding in version_findings(version, known)
            ]
            report.add((STATEMENT, newest[correction.corrects]), later)


def _pledges(statements: Collection[Statement], corrected: Iterable[Version], new: Collection[str]) -> dict[str, str]:
    """Every pledge and the announcement that made it; one that was retracted gives way to any other.

    What is new takes none from what is known, even if it was announced before.
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


class _Report:
    """Findings as problems at their lines; of one file no more than anybody reads, as each costs a search."""

    def __init__(self, locations: Locations) -> None:
        self.problems: list[Problem] = []
        self._locations = locations
        self._counts: Counter[str] = Counter()

    def add(self, key: Key, findings: Iterable[Finding]) -> None:
        entry = self._locations.get(key, Entry(f"{key[0]} {key[1]}"))
        for finding in islice(findings, MAX_FINDINGS + 1 - self._counts[entry.path]):
            self._counts[entry.path] += 1
            self.problems.append(Problem(entry.at(*finding.path), finding.message, finding.severity))
