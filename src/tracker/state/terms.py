"""How measures bear on a lane at a place, with their exemptions. Source: design §6."""

from collections.abc import Sequence
from typing import NamedTuple

from tracker.model.effects import Exempt
from tracker.model.registry import Measure
from tracker.model.vocabulary import Regime
from tracker.state.blocs import covered, resolved
from tracker.state.lanes import Lane, Site
from tracker.state.phases import Phase
from tracker.state.scope import Coverage, Question, asked_of, exempted, narrowed_by_class


class Terms(NamedTuple):
    """How a measure bears on a lane at a place: all that a decision depends on beside what was announced."""

    coverage: Coverage
    half: Regime | None = None  # the regime that alone narrows it
    freed: frozenset[int] = frozenset()  # rows of exemptions from it that hold the whole flow
    freed_in_part: frozenset[int] = frozenset()  # and of those that may hold a part of it
    by_class: bool = False  # whether classes narrow it, that do not hold all that is asked about
    narrowed: bool = False  # whether one of its effects is for a class or some hours only
    rest: "Terms | None" = None  # for the flow in none of the classes and exemptions, where they differ


PLAIN_TERMS = {coverage: Terms(coverage) for coverage in Coverage}


def terms_of(
    measure: Measure,
    exemptions: Sequence[tuple[int, Exempt]],
    lane: Lane,
    site: Site | None,
    question: Question,
    *,
    phase: Phase | None,
    narrowed: bool,
) -> Terms:
    """How a measure bears on a lane at a site; without a site, on the lane as a whole.

    Args: exemptions: from it, with their rows; phase: of the site, or of the lane; narrowed: as in `Terms`.
    """
    asked = asked_of(measure, question)
    share, regime = covered(measure, lane, site, asked, phase)
    by_class = narrowed_by_class(measure.scope, asked)
    terms = PLAIN_TERMS[share]
    if share is not Coverage.NONE and (exemptions or regime or by_class or narrowed):
        held = {row: exempted(resolved(effect, phase), lane, site, asked) for row, effect in exemptions}
        freed, in_part = (
            frozenset([row for row, part in held.items() if part is wanted])
            for wanted in (Coverage.FULL, Coverage.PART)
        )
        terms = Terms(share, regime, freed, in_part, by_class, narrowed)
    if share is not Coverage.PART or question.rest:
        return terms
    rest = terms_of(measure, exemptions, lane, site, question._replace(rest=True), phase=phase, narrowed=narrowed)
    return terms if rest == terms else terms._replace(rest=rest)
