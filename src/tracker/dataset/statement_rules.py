"""Rules of statements: who speaks, what they refer to, and what a correction makes of its original."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracker.dataset.effect_rules import effect_findings
from tracker.dataset.references import PLEDGED, Known
from tracker.dataset.suggestions import meant, show
from tracker.dataset.validation import Finding, shaped
from tracker.model.announcement import Announcement, Correction, Retraction, Statement, announced_at, merge_patch
from tracker.model.dates import zone
from tracker.model.effects import Pledge
from tracker.model.errors import Severity
from tracker.model.events import canonical
from tracker.model.vocabulary import SubjectKind


@dataclass(frozen=True)
class Version:
    """What one correction makes of an announcement, or what is wrong with that."""

    correction: Correction
    before: Announcement
    after: Announcement | None
    findings: tuple[Finding, ...]


def statement_findings(statement: Statement, known: Known) -> Iterator[Finding]:
    """What is wrong with one statement, apart from what a correction makes of its original."""
    for number, speaker in enumerate(statement.by):
        if problem := known.unknown(speaker.party, SubjectKind.PARTY):
            yield Finding(("by", number, "party"), problem)
    match statement:
        case Announcement():
            if not statement.source:
                message = "no source: add a [[source]] with at least its publisher"
                yield Finding((), message, Severity.WARNING)
            yield from content_findings(statement, known)
        case Correction():
            yield from _target(statement, "corrects", statement.corrects, known)
        case Retraction():
            yield from _target(statement, "retracts", statement.retracts, known)


def content_findings(announcement: Announcement, known: Known) -> Iterator[Finding]:
    """What is wrong with the effects and relations of an announcement."""
    pledged: set[str] = set()
    for number, effect in enumerate(announcement.effect):
        for finding in effect_findings(effect, announcement, known):
            yield Finding(("effect", number, *finding.path), finding.message)
        if isinstance(effect, Pledge):
            maker = known.pledges.get(effect.pledge, announcement.id)
            taken = maker != announcement.id and announcement.id not in known.retracted
            if taken or effect.pledge in pledged:
                message = (
                    f"pledge {effect.pledge} was already made in {maker}: choose another id, or use a [[relation]]"
                )
                yield Finding(("effect", number, "pledge"), message)
            pledged.add(effect.pledge)
    for number, name in enumerate(announcement.about):
        if problem := known.unknown(name, SubjectKind.PARTY, *PLEDGED):
            yield Finding(("about", number), problem)
    for number, relation in enumerate(announcement.relation):
        if problem := _unrelated(relation.announcement, announcement, known):
            yield Finding(("relation", number, "announcement"), problem)


def _unrelated(name: str, announcement: Announcement, known: Known) -> str | None:
    if name == announcement.id:
        return f"{name} cannot relate to itself: name another announcement"
    other = known.statements.get(name)
    if isinstance(other, Correction | Retraction):
        original = other.corrects if isinstance(other, Correction) else other.retracts
        return f"{name} only corrects or retracts {original}: name {original} itself"
    return known.unannounced(name)


def _target(statement: Correction | Retraction, key: str, name: str, known: Known) -> Iterator[Finding]:
    """What is corrected or retracted is an announcement, and was made no later."""
    if problem := known.unannounced(name):
        yield Finding((key,), problem)
    target = known.statements.get(name)
    if isinstance(target, Correction | Retraction):
        original = target.corrects if isinstance(target, Correction) else target.retracts
        yield Finding((key,), f"{name} is not an original announcement: name {original} again")
    elif target is not None:
        tz = zone(known.registry.dataset.timezone)
        if announced_at(statement, tz) < announced_at(target, tz):
            message = (
                f"announced {statement.announced}, before what it {key} ({target.announced}): mend one of the dates"
            )
            yield Finding(("announced",), message)


def versions(original: Announcement, corrections: Iterable[Correction]) -> Iterator[Version]:
    """What corrections, in their order, make of an announcement."""
    before, plain = original, canonical(original)
    for correction in corrections:
        findings = tuple(_patch_findings(correction, plain))
        patch = {key: value for key, value in correction.patch.items() if key != "id"}
        plain = merge_patch(plain, patch)
        after, wrong = shaped(Announcement, plain, f"{original.id}, as corrected")
        blamed = (Finding(in_correction(finding.path, correction), finding.message) for finding in wrong)
        yield Version(correction, before, after, (*findings, *blamed))
        before = after or before


def _patch_findings(correction: Correction, plain: Mapping[str, object]) -> Iterator[Finding]:
    if "id" in correction.patch:
        key = ("replace", "id") if "id" in correction.replace else ("remove",)
        yield Finding(key, f"the id of {correction.corrects} stays for ever: leave `id` out")
    for number, key_out in enumerate(correction.remove):
        if key_out in correction.replace:
            message = f"`{key_out}` is both replaced and removed: keep one"
            yield Finding(("remove", number), message)
        elif key_out not in plain:
            message = f"{correction.corrects} has no key {show(key_out)} to remove: {meant(key_out, plain.keys())}"
            yield Finding(("remove", number), message)


def in_correction(path: Sequence[str | int], correction: Correction) -> tuple[str | int, ...]:
    """Where a correction is to blame for what is wrong at a key of its result."""
    removed = bool(path) and path[0] in correction.remove
    return ("remove",) if removed or not correction.replace else ("replace", *path)


def version_findings(version: Version, known: Known) -> Iterator[Finding]:
    """What is wrong with a corrected announcement and was not wrong before."""
    yield from version.findings
    if version.after is not None:
        earlier = {finding.message for finding in content_findings(version.before, known)}
        for finding in content_findings(version.after, known):
            if finding.message not in earlier:
                yield Finding(in_correction(finding.path, version.correction), finding.message)
        yield from _speakers(version, known)


def _speakers(version: Version, known: Known) -> Iterator[Finding]:
    for number, speaker in enumerate(version.after.by if version.after else ()):
        problem = known.unknown(speaker.party, SubjectKind.PARTY)
        if problem and speaker not in version.before.by:
            yield Finding(in_correction(("by", number, "party"), version.correction), problem)
