"""Write what the program answers over a record, to see whether another version of it answers the same.

    python scripts/answers.py DIR                                     every output into a file of its own
    python scripts/answers.py --digests tests/data/answers.sha256     which outputs are not what they were
    python scripts/answers.py --digests tests/data/answers.sha256 --renew

The clock stands still at 2026-11-29T12:00:00Z, so that the store that is made of the files, and asked, is the same in
every run. An output is a text: commands, each with what it printed; or rows, as JSON lines. There is one SHA-256 for
each output; a file of digests that is not there is written. Exit codes: 0 nothing differs; 1 some output does.
"""

import argparse
import gc
import io
import json
import os
import re
import sqlite3
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from datetime import date, timedelta
from fnmatch import fnmatchcase
from functools import cache, partial
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any

import freezegun
from freezegun.api import real_perf_counter

if TYPE_CHECKING:  # everything else of the program is imported before the clock stands still, see `import_all`
    import httpx
    import pyarrow

ROOT = Path(__file__).resolve().parents[1]
NOW = "2026-11-29T12:00:00Z"
STORE = "record.sqlite"  # in a temporary folder, which is the working directory
RECORD = "files/record.txt"  # the output that says what the others are about
LANE = ("subject", "mode", "traffic", "direction")
VIEWS = ("v_status_interval", "v_measure_interval", "v_promise", "v_announcement")

CLOCKS = (
    "--as-of 1993-06-01",
    "--as-of 2020-12-31",
    "--as-of 2025-03-25 --announced-by 2024-12-31",
    "--as-of 2025-10-23",
    "--as-of 2025-10-28",
    "--as-of 2026-04-01 --recorded-by 300",
)
KNOWN = ("", "--announced-by 2020-12-31", "--announced-by 2025-10-22", "--recorded-by 300")
MORE_CLOCKS = (  # of what is asked about the whole record
    "--as-of 2025-10-28 --announced-by 2025-10-22",
    "--as-of 2026-04-01",
    "--as-of 2025-10-28 --recorded-by 0",
    "--as-of 2025-10-28 --recorded-by 100",
    "--as-of 2025-10-28 --recorded-by 2026-11-28",
    "--as-of 2025-10-28T09:30:00+04:00",
    "",
)
CHOICES = (
    "--goods 1001",
    "--goods 2710 --mode rail",
    "--only humanitarian",
    "--mode rail --traffic goods",
    "--traffic people --direction AM>TR",
    "--status closed",
    "--kind corridor --goods 1001",
    "--kind measure",
)
PAIRS = (
    "RU AM", "AM RU", "TR AM", "AM TR", "TR AZ", "AZ TR", "AZ AZ-NX", "AM GE", "IR AM", "KZ AM", "AM AZ", "TR RU",
)  # fmt: skip
JOURNEYS = (
    "--mode rail",
    "--mode road --goods 1001",
    "--goods 2710",
    "--traffic people",
    "--opened",
    "--opened --mode rail",
)
ROUTE_CLOCKS = (CLOCKS[1], CLOCKS[3], MORE_CLOCKS[0], CLOCKS[5])
DIFFERENCES = (
    "1993-06-01 2020-12-31",
    "2020-12-31 2025-03-25",
    "2025-03-25 2025-10-23",
    "2025-10-23 2025-10-28",
    "2025-10-28 2026-04-01",
    "2026-04-01 1993-06-01",
    "2025-10-23 2025-10-28 --announced-by 2025-10-22",
    "2025-10-23 2025-10-28 --goods 1001",
    "2020-12-31 2026-04-01 --kind crossing --mode road",
    "2020-12-31 2026-04-01 --recorded-by 300",
    "2024-12-31 2025-10-28 --known --as-of 2025-10-23",
    "2020-12-31 2026-04-01 --known --as-of 2020-11-15",
)
SOUGHT = (
    "--party AZ",
    "--party AM --from 2025-01-01 --to 2025-12-31",
    "--about margara",
    "--about AM-TR --type readiness",
    "--type pledge",
    "--type passage",
    "--text wheat",
    "--source TASS",
)
PROMISED = (
    "--party AM",
    "--status overdue",
    "--status fulfilled --party AZ",
    "--status open --announced-by 2025-01-01",
)
REPLAYED = ("--from 2025-10-01 --to 2025-11-15", "--from 2025-10-01 --to 2025-11-15 --step event --kind corridor")
EXPORTED = ("--format csv", "--format json", "--format csv --announced-by 2025-10-22 --as-of 2025-10-28")

API = (
    "state?as_of=2025-10-28",
    "state?as_of=2025-10-28&announced_by=2025-10-22&kind=corridor",
    "state?as_of=2025-10-25&goods=1001&kind=corridor",
    "state?as_of=2026-04-01&recorded_by=300&mode=rail&traffic=goods",
    "state?as_of=1993-06-01&limit=5",
    "subjects",
    "subjects?kind=territory",
    "subjects/margara",
    "subjects/margara/state?as_of=2025-10-28",
    "subjects/margara/why?as_of=2025-10-28",
    "subjects/margara/history",
    "subjects/tr-am-az/why?mode=road&as_of=2025-10-28",
    "subjects/ru-az-ge-am/history?announced_by=2025-10-22",
    "subjects/am-az-peace-agreement/why?as_of=2025-08-09",
    "subjects/zurich-protocols/history",
    "subjects/nowhere/state",
    "diff?before=2025-10-20&after=2025-11-10",
    "diff?before=2025-10-23&after=2025-10-27&known=true&as_of=2025-10-23",
    "diff?before=soon&after=later",
    "announcements",
    "announcements?party=AZ&from=2025-01-01&to=2025-12-31",
    "announcements?about=margara&type=readiness",
    "announcements?text=wheat",
    "announcements/aliyev-lifts-transit-to-armenia?as_of=2025-10-28",
    "announcements/nothing",
    "promises?as_of=2026-01-01",
    "promises?party=AM&status=overdue&as_of=2026-01-01",
    "passages?as_of=2026-04-01",
    "series?kind=corridor&as_of=2025-10-28&limit=5000",
    "series?subject=margara&from=2020-01-01&as_of=2026-04-01&announced_by=2025-03-01",
    "routes?from=RU&to=AM&mode=rail&goods=1001&as_of=2025-10-25",
    "routes/opened?from=Russia&to=Armenia&mode=rail&as_of=2026-01-01",
    "changes?after=400",
    "drafts",
    "audit/checkpoint",
    "audit/consistency?first=100&second=200",
    "audit/proofs/aliyev-lifts-transit-to-armenia",
    "map.geojson?as_of=2025-10-28",
    "map.geojson?as_of=2020-12-31&mode=rail",
    "feed.atom",
    "feed.atom?subject=margara&limit=1000",
    "calendar.ics",
    "openapi.json",
)
PAGES = (
    "",
    "?as_of=2025-10-28",
    "data/timeline.json",
    "subjects",
    "subjects/margara?as_of=2025-10-28",
    "subjects/tr-am-az?as_of=2025-10-28&announced_by=2025-10-22",
    "subjects/az-transit-bar",
    "announcements",
    "announcements.csv",
    "announcements/aliyev-lifts-transit-to-armenia",
    "promises",
    "difference?before=2025-10-20&after=2025-11-10",
    "routes?from=RU&to=AM&as_of=2025-10-28",
    "about",
    "method",
    "subjects/nowhere",
)

Make = Callable[[], str]


def import_all() -> None:
    """Import every module: no schema of a model can be built with the dates of a clock that stands still."""
    for library in ("pandas", "pyarrow.parquet", "pyarrow.dataset", "httpx", "starlette.testclient"):
        with suppress(ModuleNotFoundError), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of starlette, about the httpx that the program uses
            import_module(library)  # those in C crash where they meet Python's dates for the first time then
    tracker = import_module("tracker")
    for module in walk_packages(tracker.__path__, "tracker."):
        if not module.name.endswith("__main__"):
            try:
                import_module(module.name)
            except ModuleNotFoundError as error:  # of an optional library
                if (error.name or "tracker").startswith("tracker"):
                    raise


@cache
def web() -> "httpx.Client":
    """The HTTP server in this process; the one place that knows which module it is in."""
    from starlette.testclient import TestClient

    from tracker.serve import create
    from tracker.settings import Settings

    return TestClient(create(Settings(store=STORE, access_log=False, read_rate=0, allowed_hosts=("*",))))


def run(*args: str) -> tuple[int, str, str]:
    """Run a command in this process.

    Returns: its exit code, and what it wrote to standard output and to standard error.
    """
    answer = import_module("tracker.cli.main").answer
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = answer(args)
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return code, texts[0], texts[1]


def asked(*commands: str, events: Path | None = None) -> str:
    """What commands print, one after the other; they ask the store, or the files in a folder."""
    parts = []
    for command in commands:
        origin = ("--store", STORE) if events is None else ("--events", str(events))
        code, out, err = run(*origin, *command.split())
        text = f"$ tracker {command}\n{out}{err}" + (f"exit code {code}\n" if code else "")
        parts.append(text if events is None else text.replace(str(events), "EVENTS"))
    return "\n".join(parts)


def found(command: str) -> Any:
    """What a command answers in JSON."""
    code, out, err = run("--store", STORE, *command.split(), "--json")
    if code:
        raise SystemExit(f"tracker {command}: {err}")
    return json.loads(out)


def in_json(commands: Iterable[str]) -> list[str]:
    return [f"{command} --json" for command in commands]


def got(path: str) -> str:
    """What the server answers, but for headers that a name in the program can change."""
    answer = web().get(f"/{path}")
    text = re.sub(r"/static/[^/\"]+/", "/static/…/", answer.text)  # a digest of all style sheets and scripts
    if answer.headers["content-type"].endswith("json"):
        text = json.dumps(answer.json(), indent=1, ensure_ascii=False) + "\n"
    return f"GET /{path}\n{answer.status_code} {answer.headers['content-type']}\n\n{text}"


def lines(rows: Iterable[Any]) -> str:
    return "".join(f"{json.dumps(row, ensure_ascii=False, default=str)}\n" for row in rows)


def view(name: str) -> str:
    """The rows of a view for SQL."""
    connection = sqlite3.connect(STORE)
    try:
        cursor = connection.execute(f"SELECT * FROM {name}")
        names = [column[0] for column in cursor.description]
        return "".join(sorted(lines(dict(zip(names, row, strict=True)) for row in cursor).splitlines(keepends=True)))
    finally:
        connection.close()


def assertions() -> str:
    """The rows of exported assertions, whichever part each is in."""
    from pyarrow.parquet import read_table

    with tempfile.TemporaryDirectory() as folder:
        run("--store", STORE, "export", "assertions", "--format", "parquet", "--parts", "2", folder)
        return "".join(
            f"{path.stem.split('-')[0]} {line}"
            for path in sorted(Path(folder).iterdir())
            for line in sorted(lines(read_table(path).to_pylist()).splitlines(keepends=True))
        )


@cache
def opened() -> Any:
    """The record, as a notebook has it."""
    return import_module("tracker").open(STORE)


def digests_of(folder: Path) -> str:
    """The files that the answers are about."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return "".join(f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in paths)


def days_of_a_panel(first: date, last: date, **known: str) -> str:
    """Each lane on each day."""
    table: pyarrow.Table = opened().panel(first.isoformat(), last.isoformat(), **known).to_arrow()
    return lines(table.to_pylist())


def changes_in_a_panel(first: date, last: date, **known: str) -> str:
    """Each lane with the days on which its status is not that of the day before."""
    table: pyarrow.Table = opened().panel(first.isoformat(), last.isoformat(), **known).to_arrow()
    days = (last - first).days + 1
    count = len(table) // days
    status = table["status"].combine_chunks()
    words, codes = status.dictionary.to_pylist(), status.indices.to_numpy().reshape(days, count)
    rows = []
    for number, lane in enumerate(table.select(LANE).slice(0, count).to_pylist()):
        column = codes[:, number]
        changed = [0, *((column[1:] != column[:-1]).nonzero()[0] + 1)]
        rows.append(lane | {"status": {str(first + timedelta(int(day))): words[column[day]] for day in changed}})
    return lines(rows)


def outputs(events: Path) -> Iterator[tuple[str, Make]]:
    """Every output by its name."""
    state = found("state --as-of 2025-10-28")
    log = found("log")
    yield from _lists(events)
    for each in state:
        name = each["subject"]
        whys = [f"why {name} {clocks}" for clocks in CLOCKS]
        yield f"why/{name}.txt", partial(asked, *in_json(whys), whys[4])
        histories = [f"history {name} {clocks}".strip() for clocks in (KNOWN[0], *KNOWN[2:])]
        yield f"history/{name}.txt", partial(asked, *in_json(histories), histories[0])
    for entry in log:
        if entry["type"].startswith("Announcement"):
            shown = [f"show {entry['id']} {clocks}" for clocks in (CLOCKS[4], MORE_CLOCKS[1])]
            yield f"show/{entry['id']}.txt", partial(asked, f"{shown[0]} --json", shown[1])
    for pair in PAIRS:
        name = pair.replace(" ", "-to-")
        ways = [f"routes {pair} {clocks}" for clocks in ROUTE_CLOCKS]
        yield f"routes/{name}.txt", partial(asked, *in_json(ways), ways[2])
        ways = [f"routes {pair} {journey} {CLOCKS[4]}" for journey in JOURNEYS]
        yield f"routes/{name}-chosen.txt", partial(asked, *in_json(ways), ways[-1])
    for part, paths in {"api": [f"api/v1/{path}" for path in API], "pages": PAGES}.items():
        for path in paths:
            yield f"{part}/{_file_name(path.removeprefix('api/v1/') or 'home')}.txt", partial(got, path)


def _lists(events: Path) -> Iterator[tuple[str, Make]]:
    """Outputs about the whole record."""
    for clocks in (*CLOCKS, *MORE_CLOCKS):
        for command in ("state", "promises", "announcements"):
            asking = f"{command} {clocks}".strip()
            yield f"{command}/{_file_name(clocks or 'today')}.txt", partial(asked, f"{asking} --json", asking)
    for name, command, choices in (
        ("state/chosen", f"state {CLOCKS[4]}", CHOICES),
        ("announcements/chosen", "announcements", SOUGHT),
        ("promises/chosen", f"promises {CLOCKS[4]}", PROMISED),
        ("history/all", "history", (*KNOWN, "--goods 1001 --mode rail", "--kind crossing --announced-by 2025-01-01")),
        ("replay/chosen", "replay", REPLAYED),
    ):
        asking_for = [f"{command} {choice}".strip() for choice in choices]
        yield f"{name}.txt", partial(asked, *in_json(asking_for), asking_for[0])
    for number, dates in enumerate(DIFFERENCES):
        yield f"diff/{number:02}.txt", partial(asked, f"diff {dates} --json", f"diff {dates}")
    for table in ("state", "history", "announcements"):
        yield f"export/{table}.txt", partial(asked, *(f"export {table} {form}" for form in EXPORTED))
    yield "export/assertions.jsonl", assertions
    for name in VIEWS:
        yield f"views/{name}.jsonl", partial(view, name)
    autumn, years = (date(2025, 10, 1), date(2025, 12, 31)), (date(1989, 1, 1), date(2026, 6, 30))
    yield "panel/2025-10-to-12.jsonl", partial(days_of_a_panel, *autumn)
    yield "panel/2025-10-to-12-wheat.jsonl", partial(days_of_a_panel, *autumn, goods="1001")
    yield "panel/1989-to-2026-changes.jsonl", partial(changes_in_a_panel, *years)
    yield "panel/1989-to-2026-changes-known-early.jsonl", partial(changes_in_a_panel, *years, announced_by="2024-12-31")
    yield "log/all.txt", partial(asked, "log --json", "log", "log --after 400 --limit 5", "audit verify --json")
    yield RECORD, partial(digests_of, events)
    yield "files/state.txt", partial(asked, f"state {CLOCKS[4]} --json", events=events)
    yield "files/check.txt", partial(asked, "check --json", "check", "coverage", events=events)


def _file_name(words: str) -> str:
    """A name without what a file's cannot have."""
    return re.sub(r"[^\w.]+", "-", words.replace("/", "_")).strip("-")


def wanted(name: str, only: Sequence[str]) -> bool:
    return not only or name == RECORD or any(fnmatchcase(name, pattern) for pattern in only)


def make(events: Path, folder: Path | None, only: Sequence[str]) -> dict[str, str]:
    """Make the outputs, and write them where there is a folder. An output that cannot be made is the error instead.

    Returns: the digests by name.
    """
    code, _, err = run("--store", STORE, "load", str(events))
    if code:
        raise SystemExit(err)
    digests = {}
    for name, output in outputs(events):
        if not wanted(name, only):
            continue
        if name in digests:
            raise SystemExit(f"two outputs are called {name}")
        try:
            written = output().encode()
        except Exception as error:
            print(f"{name} cannot be made: {error!r}", file=sys.stderr)
            written = f"{type(error).__name__}: {error}\n".encode()
        digests[name] = sha256(written).hexdigest()
        if folder is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(written)
    return digests


def compare(old: dict[str, str], new: dict[str, str], file: Path) -> bool:
    """Say which outputs differ, and how to see in what.

    Returns: whether all are the same.
    """
    said = {
        "differs": [name for name in new if name in old and old[name] != new[name]],
        "is new": [name for name in new if name not in old],
        "is no longer made": [name for name in old if name not in new],
    }
    for what, names in said.items():
        for name in names:
            print(f"{name} {what}")
    count = sum(map(len, said.values()))
    if not count:
        print(f"{len(new)} outputs are what they were.")
        return True
    shown = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
    if old.get(RECORD, new.get(RECORD)) != new.get(RECORD):
        print("\nThe record itself is another one, and its answers with it.")
    print(f"""
{count} of {len(new)} outputs are not those of {shown}. To see in what, write both and compare them:

  git worktree add build/before $(git log -1 --format=%H -- {shown})
  PYTHONPATH=build/before/src .venv/bin/python build/before/scripts/answers.py build/answers/before
  .venv/bin/python scripts/answers.py build/answers/after
  diff -r build/answers/before build/answers/after

If an answer ought to be another one, say so in CHANGELOG.md in one line, and write the digests anew:

  .venv/bin/python scripts/answers.py --digests {shown} --renew""")
    return False


def read(file: Path) -> dict[str, str]:
    """Digests by name, from a file that `sha256sum --check` reads, too."""
    pairs = (line.split("  ", 1) for line in file.read_text(encoding="utf-8").splitlines())
    return {name: digest for digest, name in pairs}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?", type=Path, help="where the outputs go")
    parser.add_argument("--events", type=Path, default=ROOT / "events", help="the record; default: events/")
    parser.add_argument("--digests", type=Path, metavar="FILE", help="compare with the digests in this file")
    parser.add_argument("--renew", action="store_true", help="write the file of --digests anew")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="only these, like 'why/*'")
    given = parser.parse_args()
    if given.directory is None and given.digests is None:
        parser.error("say where the outputs go, or which --digests to compare with")
    if given.only and given.renew:
        parser.error("--renew writes the digests of all outputs: leave --only out")
    events, folder, file = (path and path.resolve() for path in (given.events, given.directory, given.digests))

    began = real_perf_counter()
    for name in [*os.environ]:
        if name.startswith("TRACKER_") or name == "NO_COLOR":
            del os.environ[name]
    os.environ |= {"COLUMNS": "160", "TZ": "UTC"}
    time.tzset()
    import_all()
    gc.freeze()
    gc.set_threshold(100_000)  # the collector would take a sixth of the time
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        with freezegun.freeze_time(NOW, real_asyncio=True):
            digests = make(events, folder, given.only)
        os.chdir(ROOT)
    print(f"{len(digests)} outputs in {real_perf_counter() - began:.0f} s", file=sys.stderr)
    if folder is not None:
        print(f"written: {folder}", file=sys.stderr)
    if file is None:
        return 0
    if given.renew or not file.exists():
        file.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())), encoding="utf-8")
        print(f"written: {file}", file=sys.stderr)
        return 0
    old = {name: digest for name, digest in read(file).items() if wanted(name, given.only)}
    return 0 if compare(old, digests, file) else 1


if __name__ == "__main__":
    sys.exit(main())
