"""Rules of effects that are about other effects: what they name must be on the record."""

from collections.abc import Iterator

from tracker.dataset.references import References
from tracker.dataset.suggestions import meant, show
from tracker.dataset.validation import EntryFinding
from tracker.model.announcement import Announcement
from tracker.model.effects import Cancel, Reschedule


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
        if name not in known.exemptions and name not in known.pledges and name not in known.on_record.pledges():
            known_names = {*known.exemptions, *known.pledges}
            mending = meant(name, known_names, 'write the effect that it is about as "<announcement>#<n>"')
            yield EntryFinding(("of",), f"no exemption or pledge {show(name)} was announced: {mending}")
        return
    target = known.statements.get(name)
    if problem := known.unannounced(name):
        yield EntryFinding(("of",), problem)
    elif name == announcement.id:
        yield EntryFinding(("of",), f"{effect.of} is an effect of this statement: write the right date there")
    elif isinstance(target, Announcement):
        yield from _effect_findings(effect, target, int(number))


def _effect_findings(effect: Reschedule | Cancel, target: Announcement, number: int) -> Iterator[EntryFinding]:
    """Findings where an announcement has no such effect, or one that has no date of this kind."""
    if number > len(target.effect):
        count = len(target.effect)
        yield EntryFinding(
            ("of",), f"{target.id} has {count} effect{'s' * (count != 1)}, and no #{number}: write the number of one"
        )
        return
    named = target.effect[number - 1]
    if isinstance(effect, Reschedule):
        given = {"from": effect.starts, "last_day": effect.last_day, "until": effect.until, "due": effect.due}
        keys = [field.alias or key for key, field in type(named).model_fields.items()]
        for key, value in given.items():
            if value is not None and key not in keys:
                message = f"{effect.of} is of type {named.type}, which has no `{key}`: leave it out"
                yield EntryFinding((key,), message)
