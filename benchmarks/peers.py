"""All tracks as of a date on any clocks, and one track: ours beside a plain scan and peers, in one run.

    python benchmarks/peers.py [--sizes 10000 100000 1000000] [--only NAME …] [--without NAME …] [--rounds 7]

Each engine is loaded with the same seeded assertions (benchmarks/synthetic.py) and asked three questions; every answer
is compared with ours, track by track, before its time is printed. Times are the best and the median of the rounds.
`in it` is the same question reduced to counts and sums inside the engine: what it takes without handing rows to Python.
The figures go to build/peers.json, from which benchmarks/growth.py draws docs/img/growth.svg.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from engines import Clustered, Loader, NotHere, embedded, eventstores, reduced, servers
from synthetic import generate

ROOT = Path(__file__).parents[1]
SIZES = (10_000, 100_000, 1_000_000)
FIGURES = ROOT / "build" / "peers.json"


class Peer(NamedTuple):
    """An engine, up to which size it is loaded by default, and how often it is asked at most."""

    name: str
    load: Loader
    most: int
    rounds: int


PEERS = (
    Peer("tracker", embedded.ours, 10**9, 50),
    Peer("DuckDB", embedded.duck, 10**9, 20),
    Peer("SQLite, MAX by track", embedded.sqlite_max, 10_000_000, 7),
    Peer("SQLite, window", embedded.sqlite_window, 1_000_000, 5),
    Peer("PostgreSQL, columns", servers.postgres, 10_000_000, 7),
    Peer("PostgreSQL, ranges", servers.postgres_ranges, 1_000_000, 3),
    Peer("MariaDB, bitemporal", servers.mariadb, 1_000_000, 3),
    Peer("eventsourcing, replayed", eventstores.eventsourcing, 1_000_000, 1),
    Peer("eventsource-py, replayed", eventstores.eventsource_py, 100_000, 1),
    Peer("event-sourcery, replayed", eventstores.event_sourcery, 10_000, 1),
)
FLOORS = {
    "scan": "scan of the int64 columns",  # × scan is against this one
    "narrow": "scan of our narrow ones",
    "compared": "one comparison of each",
}
COMPARED, COMPARED_OF_REPLAYS = 300, 30  # tracks that are also asked one by one


def timed(work: Callable[[], Any], rounds: int, seconds: float = 20) -> list[float]:
    """Seconds of each round; fewer rounds where one takes long."""
    taken: list[float] = []
    until = time.perf_counter() + seconds
    while len(taken) < rounds and (not taken or time.perf_counter() < until):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return taken


def figures(peer: Peer, data: Clustered, truth: dict[str, Any], rounds: int) -> dict[str, Any]:
    """Load an engine, hold all its answers against ours, and time them. Raises: NotHere, AssertionError."""
    begun = time.perf_counter()
    with peer.load(data) as engine:
        found: dict[str, Any] = {"load": time.perf_counter() - begun}
        at, known = data.made.question()
        expected = truth["as known then"]
        replays = peer.rounds == 1  # so slow that its one answer is timed as it is checked
        for words, (then, by) in data.made.questions().items():
            if not replays:
                agree(peer.name, words, engine.every(then, by), truth[words])
        count = min(rounds, peer.rounds)
        found["every"] = timed(lambda: agree(peer.name, "as known then", engine.every(at, known), expected), count)
        some = min(COMPARED_OF_REPLAYS if replays else COMPARED, data.tracks)
        asked = np.linspace(0, data.tracks - 1, some).astype(int).tolist()
        agree(peer.name, "one by one", [engine.one(track, at, known) for track in asked], expected[asked])
        found["one"] = [each / some for each in timed(lambda: [engine.one(t, at, known) for t in asked], 5, 5)]
        if hasattr(engine, "reduced"):
            agree(peer.name, "reduced", engine.reduced(at, known), reduced(expected))
            found["inside"] = timed(lambda: engine.reduced(at, known), count)
        if hasattr(engine, "aggregates") and len(data.track) <= 100_000:
            agree(peer.name, "by aggregates", engine.aggregates(at, known), expected)
            found["aggregates"] = timed(lambda: engine.aggregates(at, known), 1)
        if isinstance(engine, embedded.Ours):
            found["inside"] = timed(lambda: engine.rows(at, known), count)
            found["view"] = timed(lambda: engine.view(known), count)
            found["bytes"] = engine.columns.nbytes / len(data.track)
            narrow, plain = engine.narrow(), [*data.columns.values(), data.track]
            found["scan"] = timed(lambda: embedded.scan(plain), count)
            found["narrow"] = timed(lambda: embedded.scan(narrow), count)
            found["compared"] = timed(lambda: embedded.compare(narrow), count)
    return found


def agree(name: str, what: str, answer: Any, expected: Any) -> None:
    """Raises: AssertionError with what differs."""
    if not np.array_equal(np.asarray(answer), np.asarray(expected)):
        raise AssertionError(f"{name}, {what}: {answer} instead of {expected}")


def truths(data: Clustered) -> dict[str, Any]:
    """The answers to all questions: ours, which the tests hold against an oracle."""
    with embedded.ours(data) as engine:
        return {words: engine.every(at, known) for words, (at, known) in data.made.questions().items()}


def machine() -> str:
    """What it ran on."""
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}, "
        f"load {os.getloadavg()[0]:.1f}"
    )


def told(taken: Sequence[float] | None, unit: float) -> str:
    return f"{min(taken) * unit:>10.2f} {statistics.median(taken) * unit:>10.2f}" if taken else f"{'':>21}"


def table(size: int, found: dict[str, Any]) -> None:
    print(f"\n{size:,} assertions on {size // 10:,} tracks; every answer is ours, track by track")
    print(
        f"{'':<28}{'all tracks, ms':>21}{'in it, ms':>21}{'one track, µs':>21}{'× scan':>9}{'× ours':>9}{'load s':>9}"
    )
    print(f"{'':<28}" + f"{'best':>10} {'median':>10}" * 3)
    floor, ours = min(found["tracker"]["scan"]), min(found["tracker"]["inside"])
    for key, words in FLOORS.items():
        taken = found["tracker"][key]
        print(f"{words:<28}{'':>21}{told(taken, 1e3)}{'':>21}{min(taken) / floor:>9.1f}{min(taken) / ours:>9.1f}")
    for name, each in found.items():
        if isinstance(each, str):
            print(f"{name:<28} {each}")
            continue
        best = min(each.get("inside") or each["every"])
        print(f"{name:<28}{told(each['every'], 1e3)}{told(each.get('inside'), 1e3)}{told(each['one'], 1e6)}"
              f"{best / floor:>9.1f}{best / ours:>9.1f}{each['load']:>9.1f}")  # fmt: skip
        if "aggregates" in each:
            print(f"{'  … by its aggregates':<28}{told(each['aggregates'], 1e3)}")
    print(f"columns: {found['tracker']['bytes']:.1f} bytes an assertion")
    print(f"before the first track on other clocks, once: {told(found['tracker']['view'], 1e3)} ms")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options.add_argument("--only", nargs="+", default=(), metavar="NAME", help="peers whose name begins like this")
    options.add_argument("--without", nargs="+", default=(), metavar="NAME")
    options.add_argument("--rounds", type=int, default=50)
    options.add_argument("--most", type=int, default=10**9, help="load no event store with more assertions")
    options.add_argument("--figures", type=Path, default=FIGURES, metavar="FILE", help="where figures are kept")
    asked = options.parse_args()
    print(machine())
    kept = json.loads(asked.figures.read_text()) if asked.figures.exists() else {}
    for size in asked.sizes:
        data = Clustered.of(generate(size))
        truth = truths(data)
        found: dict[str, Any] = {}
        for peer in PEERS:
            wanted = not asked.only or peer.name.startswith(tuple(asked.only)) or peer.name == "tracker"
            store = peer.load.__module__ == eventstores.__name__
            if (
                not wanted
                or peer.name.startswith(tuple(asked.without))
                or size > (min(peer.most, asked.most) if store else peer.most)
            ):
                continue
            try:
                found[peer.name] = figures(peer, data, truth, asked.rounds)
            except NotHere as reason:
                found[peer.name] = f"left out: {reason}"
        table(size, found)
        kept.setdefault(str(size), {}).update({name: each for name, each in found.items() if isinstance(each, dict)})
        kept["machine"] = machine()
        asked.figures.parent.mkdir(exist_ok=True)
        asked.figures.write_text(json.dumps(kept))
    if (not asked.only or "eventsourcing" in asked.only) and "eventsourcing" not in asked.without:
        small = Clustered.of(generate(5_000))
        print(f"\neventsourcing's per-event projection into SQLite: {eventstores.projected(small):,.0f} events/s")


if __name__ == "__main__":
    main()
