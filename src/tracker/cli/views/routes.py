"""Ways from one territory to another as a table."""

from tracker.cli.console import screen, title, word
from tracker.cli.table_layout import Row, show
from tracker.presentation.text import clocks, period, plain, some
from tracker.queries.route_answers import OpenedAnswer, Opening, RouteAnswer, RoutesAnswer


def show_routes(answer: RoutesAnswer) -> None:
    """The best first, with the weakest place of each."""
    console = screen()
    title(console, _what(answer), clocks(answer.as_of, answer.announced_by, answer.recorded_by))
    if not answer.routes:
        console.print("\nNo way: the borders on record do not join these territories for this mode and traffic.")
        return
    show(console, ("way", "mode", "status", "since", "weakest place, and why"), [_row(each) for each in answer.routes])
    more = ", and more: only the shortest are shown" if answer.truncated else ""
    console.print(f"{some(len(answer.routes), 'way')}{more}; the best is {answer.best}")


def _what(answer: RoutesAnswer | OpenedAnswer) -> str:
    goods = f", HS {answer.goods}" if answer.goods else ""
    return f"{answer.traffic.value.capitalize()} from {answer.origin} to {answer.destination}{goods}"


def _row(each: RouteAnswer) -> Row:
    weakest = f"{each.weakest.name}: {each.weakest.reason}" if each.weakest else ""
    cells = (each.mode.value, word(each.status), plain(each.since) or "always")
    return Row(" > ".join(each.path[::2]), cells, plain(weakest), each.corridor or "")


def show_opened(answer: OpenedAnswer) -> None:
    """When the best status changed."""
    console = screen()
    title(console, f"{_what(answer)}: the best way")
    rows = [Row(period(each.at, each.until), _cells(each), plain(each.reason)) for each in answer.changes]
    show(console, ("when", "status", "mode", "way", "why"), rows)


def _cells(each: Opening) -> tuple[str, ...]:
    return str(word(each.status)), each.mode.value, " > ".join(each.path)
