"""The routes between two territories; and the fewest things missing until a lane or a route is passable."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from tracker.cli.console import add_marks, open_console, print_supposed, print_title, status_text
from tracker.cli.table_layout import PrintedRow, print_table
from tracker.presentation.causes import ways_through
from tracker.presentation.lane_groups import group_needs, label
from tracker.presentation.text import clocks_text, count, needs_text, period, plain, promised_text
from tracker.queries.need_answers import JourneyNeeds, NeedAnswer, Needs, SubjectNeeds
from tracker.queries.route_answers import JourneyAnswer, OpenedAnswer, RouteAnswer, RouteName, RoutesAnswer, Weakest
from tracker.queries.selection import Selection

NEED_COLUMNS = ("missing", "whose", "where", "since", "what stands in the way, and what promises to end it")
MAX_ALTERNATIVES = 3  # that are shown


def show_routes(answer: RoutesAnswer) -> None:
    """The routes, best first, with the weakest place of each."""
    console = open_console()
    print_title(
        console,
        _journey(answer),
        clocks_text(answer.as_of, answer.announced_by, answer.recorded_by, answer.covers_until),
    )
    print_supposed(console, answer.supposed)
    if not answer.routes:
        console.print("\nNo way: the borders on record do not join these territories for this mode and traffic.")
        return
    rows = [_route(route) for route in answer.routes]
    print_table(console, ("way", "mode", "status", "since", "weakest place, and why"), rows)
    more = ", and more: only the shortest are shown" if answer.truncated else ""
    console.print(f"{count(len(answer.routes), 'way')}{more}; the best is {answer.best}")


def _journey(answer: JourneyAnswer) -> str:
    goods = f", HS {answer.goods}" if answer.goods else ""
    return f"{answer.traffic.value.capitalize()} from {answer.origin} to {answer.destination}{goods}"


def _route(route: RouteAnswer) -> PrintedRow:
    weakest = _weakest(route.weakest) if route.weakest else ""
    status = status_text(route.status, route.lane.otherwise, route.lane.but_for, ":\n")
    marks = [*ways_through(route.lane.through), *(change.text for change in route.mode_changes)]
    cells = (_modes(route), status, plain(route.since) or "always")
    return PrintedRow(_path(route), cells, add_marks(Text(plain(weakest)), marks), route.corridor or "")


def _weakest(weakest: Weakest) -> str:
    """The weakest place of a route, and why; its name once, where the reason begins with it."""
    name = f"{weakest.name}: "
    return name + weakest.reason.removeprefix(name)


def _path(route: RouteName) -> str:
    return " > ".join(route.path[::2])


def _modes(route: RouteName) -> str:
    return ", ".join(leg.mode for leg in route.legs) or route.mode.value


def show_opened(answer: OpenedAnswer) -> None:
    """Every change of the best status of all routes."""
    console = open_console()
    print_title(console, f"{_journey(answer)}: the best way")
    rows = [
        PrintedRow(
            period(change.at, change.until),
            (
                status_text(change.status, change.otherwise, change.but_for, ":\n"),
                change.mode.value,
                " > ".join(change.path),
            ),
            plain(change.reason),
        )
        for change in answer.changes
    ]
    print_table(console, ("when", "status", "mode", "way", "why"), rows)


def show_needs(answer: SubjectNeeds, selection: Selection) -> None:
    """The fewest things missing on the lanes of a subject."""
    console = open_console()
    title = answer.subject if answer.name == answer.subject else f"{answer.subject} · {answer.name}"
    print_title(console, title)
    _print_clocks(console, answer)
    every = () if selection.narrows_lanes else answer.lanes
    for group in group_needs(answer.lanes):
        head = Text(f"{label(group, every)}: ", style="bold")
        _print_needs(console, head, group[0], firm=answer.firm)


def show_journey_needs(answer: JourneyNeeds) -> None:
    """The routes on which the fewest things are missing."""
    console = open_console()
    print_title(console, _journey(answer))
    _print_clocks(console, answer)
    if not answer.routes:
        console.print("No way that words and works could open: the borders on record do not join these territories.")
    for route in answer.routes:
        head = Text(f"{_path(route)} ({_modes(route)}): ", style="bold")
        _print_needs(console, head, route, firm=answer.firm)
        for change in route.mode_changes:
            console.print(Text(f"  {change.text}\n", style="dim"))


def _print_clocks(console: Console, answer: SubjectNeeds | JourneyNeeds) -> None:
    firm = " · a word is wanted" if answer.firm else ""
    clocks = clocks_text(answer.as_of, answer.announced_by, answer.recorded_by, answer.covers_until)
    console.print(Text(f"until passable · {clocks}{firm}", style="dim"))
    print_supposed(console, answer.supposed)
    console.print()


def _print_needs(console: Console, head: Text, answer: Needs, *, firm: bool) -> None:
    head.append_text(status_text(answer.status, answer.otherwise, answer.but_for))
    console.print(head.append(f" – {needs_text(answer.count, firm=firm)}"))
    if answer.needs:
        print_table(console, NEED_COLUMNS, list(_rows(answer.needs)))
    else:
        console.print()
    if answer.alternatives:
        _print_alternatives(console, answer)


def _rows(needs: Sequence[NeedAnswer]) -> Iterator[PrintedRow]:
    for need in needs:
        cells = (need.name, ", ".join(need.places), plain(need.since))
        prose = add_marks(Text(plain(need.reason)), [promised_text(need.pledges)] if need.pledges else [])
        yield PrintedRow(f"{need.kind} {need.measure or need.authority}", cells, prose)


def _print_alternatives(console: Console, answer: Needs) -> None:
    """Other sets that are as small, by what is not in the first one."""
    for needs in answer.alternatives[:MAX_ALTERNATIVES]:
        instead = [need for need in answer.needs if need not in needs]
        others = [need for need in needs if need not in answer.needs]
        console.print(f"  or, in place of {_named(instead)}: {_named(others)}")
    rest = len(answer.alternatives) - MAX_ALTERNATIVES
    if rest > 0 or answer.more:
        console.print("  or others, as few")
    console.print()


def _named(needs: Sequence[NeedAnswer]) -> str:
    """Needs in a few words: what, whose, where."""
    return "; ".join(f"{need.kind} {need.measure or need.authority} ({', '.join(need.places)})" for need in needs)
