"""Many writers and readers at once."""

from collections import Counter

from tests.projections.conftest import run_sql
from tests.torture.place import Figures, Place, assert_whole, begun
from tests.torture.worker import TARGET, noted


def crowd(place: Place, calls: int, writers: int = 8, readers: int = 4) -> Figures:
    """No lost update, no skipped position, no error of a reader."""
    with begun(place) as (url, store):
        before = store.max_position()
        ours = [place.notes() for _ in range(writers)]
        theirs = [place.notes() for _ in range(readers)]
        ends = [str(path) for path in ours]
        jobs: list[tuple[object, ...]] = [("write", url, str(path), me, calls) for me, path in enumerate(ours)]
        for number, path in enumerate(theirs):
            tails = number % 2 == 0
            jobs.append(("tail", url, str(path), ends) if tails else ("look", url, str(path), ends, number % 4 == 1))
        ended = place.processes.run(*jobs)
        assert ended.codes == [0] * (writers + readers), f"somebody failed: {ended.codes}"
        wrote = [noted(path)[0] for path in ours]
        read = [noted(path)[0] for path in theirs]

        new = list(store.events(after=before))
        positions = [event.position for event in new]
        assert len(new) == writers * calls * 2 + calls, "an update was lost, or came twice"
        assert sum(each["recorded"] for each in wrote) == len(new)
        assert sum(each["unchanged"] for each in wrote) == (writers - 1) * calls
        numbers = [row[0] for row in run_sql(url, f"SELECT number FROM event_log WHERE stream = {_target()}")]
        assert sorted(numbers) == list(range(writers * calls + 1)), "a version of the shared stream is missing"
        said = Counter(row[0] for row in run_sql(url, "SELECT statement FROM event_log WHERE statement IS NOT NULL"))
        assert set(said.values()) == {1}
        for each in read:
            if "seen" in each:
                seen = [at for at in each["seen"] if at > before]
                assert seen == positions, f"skipped {set(positions) - set(seen)}, twice {len(seen) - len(set(seen))}"
        counts = {
            "writers": writers,
            "readers": readers,
            "events": len(new),
            "seconds": round(ended.seconds, 1),
            "reads": sum(each["reads"] for each in read),
            "told to try again": sum(each["busy"] for each in wrote),
            "errors of readers": 0,
        }
        assert_whole(url, store)
    return Figures("many at once", place.kind, counts)


def _target() -> str:
    return f"(SELECT stream FROM event_log WHERE statement = '{TARGET}')"
