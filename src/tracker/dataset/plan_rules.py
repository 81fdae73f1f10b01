"""Rules of effects that are about other effects: what they name must be on the record."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from tracker.dataset.references import References
from tracker.dataset.suggestions import meant, show
from tracker.dataset.validation import EntryFinding
from tracker.model.announcement import Announcement, Correction, Statement
from tracker.model.effects import AnyEffect, Cancel, Reschedule, StageReached

PLANS = ("reschedule", "cancel")  # types of effects that name another one
Plan = Mapping[str, Any]  # an effect of one of these types, as JSON values
MOVED_KEYS = ("from", "last_day", "until", "due")  # of a `reschedule`, each moves the key of its target


def exemption_findings(exemption: str, known: References) -> Iterator[EntryFinding]:
    """A finding unless an exemption has been made."""
    if exemption not in known.exemptions:
        mending = meant(exemption, known.exemptions, "write the `exemption` of an earlier effect of type exempt")
        yield EntryFinding(("exemption",), f"no exemption {show(exemption)} was announced: {mending}")


def change_findings(
    effect: Reschedule | Cancel, announcement: Announcement, known: References
) -> Iterator[EntryFinding]:
    """Findings where a `reschedule` or `cancel` names nothing that it can move."""
    name, _, number = effect.of.partition("#")
    if not number:
        yield from _short_findings(name, known)
        return
    target = known.statements.get(name)
    if problem := known.unannounced(name):
        yield EntryFinding(("of",), problem)
    elif name == announcement.id:
        yield EntryFinding(("of",), f"{effect.of} is an effect of this statement: write the right date there")
    elif isinstance(target, Announcement):
        yield from _effect_findings(effect, target, int(number))


def short_forms(statement: Statement) -> dict[int, Plan]:
    """The effects of a statement whose `of` is no number of an effect; of a correction, among those that it puts in."""
    effects: Sequence[Any] = ()
    if isinstance(statement, Announcement):
        effects = [
            effect.model_dump(by_alias=True, exclude_none=True) if effect.type in PLANS else None
            for effect in statement.effect
        ]
    elif isinstance(statement, Correction):
        effects = statement.replace.get("effect") or ()
    return {
        number: effect
        for number, effect in enumerate(effects)
        if isinstance(effect, dict) and effect.get("type") in PLANS and "#" not in str(effect.get("of", "#"))
    }


def _short_findings(name: str, known: References) -> Iterator[EntryFinding]:
    """A finding where an id is none of what a short form may name; which of its changes is meant is found later."""
    ids = {*known.exemptions, *known.pledges}
    if known.short_forms:
        ids.update(known.registry.measures, known.registry.instruments)
    if name not in ids and name not in known.on_record.pledges():
        mending = meant(name, ids, 'write the effect that it is about as "<announcement>#<n>"')
        what = "measure, text, exemption or pledge" if known.short_forms else "exemption or pledge"
        yield EntryFinding(("of",), f"no {what} {show(name)} was announced: {mending}")


def _effect_findings(effect: Reschedule | Cancel, target: Announcement, number: int) -> Iterator[EntryFinding]:
    """Findings where an announcement has no such effect, or one that has no date of this kind."""
    if number > len(target.effect):
        count = len(target.effect)
        yield EntryFinding(
            ("of",), f"{target.id} has {count} effect{'s' * (count != 1)}, and no #{number}: write the number of one"
        )
        return
    named = target.effect[number - 1]
    for key in missing_keys(effect.model_dump(by_alias=True, exclude_none=True), named):
        yield EntryFinding((key,), f"{effect.of} is of type {named.type}, which has no `{key}`: leave it out")


def missing_keys(given: Collection[str], named: AnyEffect) -> Iterator[str]:
    """The keys of a `reschedule` that its target has not. A stage is reached `on` a day, which `from` moves."""
    keys = {field.alias or key for key, field in type(named).model_fields.items()}
    if isinstance(named, StageReached):
        keys.add("from")
    return (key for key in MOVED_KEYS if key in given and key not in keys)
