"""Every change in a period, with the statements behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from tracker.model.dates import moment
from tracker.model.errors import BadRequest
from tracker.presentation.lane_groups import group_by, label
from tracker.queries.change_answers import PeriodChange
from tracker.queries.changes import changes
from tracker.queries.clocks import read_begin, read_instant
from tracker.queries.selection import Selection
from tracker.web.context import PageContext

DAYS_SHOWN = 31  # where no beginning is given
FIELDS = ("from", "to", "about", "party")


@dataclass(frozen=True)
class ChangeRow:
    """Lanes of a subject that changed alike."""

    change: PeriodChange
    lanes: str


@dataclass(frozen=True)
class ChangeList:
    """The variables of the page's template."""

    changes: Sequence[PeriodChange]
    rows: list[ChangeRow]
    fields: Mapping[str, str]
    query: str  # of this list


def change_list(context: PageContext, query: Mapping[str, str]) -> ChangeList:
    """The changes in the period of a query: by default the month that ends on the date asked about.

    Raises: BadRequest, UnknownSubject.
    """
    fields = {name: query.get(name, "").strip() for name in FIELDS}
    clocks, tz = context.clocks, context.timeline.tz
    end = read_instant("to", fields["to"], tz) if fields["to"] else clocks.as_of
    fields["to"] = fields["to"] or clocks.as_of_text
    fields["from"] = fields["from"] or (moment(end, tz).date() - timedelta(days=DAYS_SHOWN)).isoformat()
    begin = read_begin("from", fields["from"], tz)
    if begin > end:
        raise BadRequest(f"from {fields['from']} is later than to {fields['to']}: turn them around")
    about, party = fields["about"] or None, fields["party"] or None
    answers = changes(context.tracker.record, clocks, begin, end, Selection(), about=about, party=party)
    rows = [ChangeRow(group[0], label(group)) for group in group_by(answers, _as_shown)]
    clocks_asked = {name: query[name] for name in ("announced_by", "recorded_by") if query.get(name)}
    return ChangeList(answers, rows, fields, urlencode({**fields, **clocks_asked}))


def _as_shown(change: PeriodChange) -> tuple[object, ...]:
    return change.at, change.subject, change.before, change.after, change.reason, change.announcements
