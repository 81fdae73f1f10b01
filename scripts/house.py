"""Measure the structure of the program: modules, lines, rooms, chains of imports, modules that a task runs through.

    python scripts/house.py            # the sources beside this script
    python scripts/house.py --root DIR # another checkout, run by its own interpreter

A room is a folder or module directly under `src/tracker`. Modules without a line of code of their own (empty
`__init__.py`) are not counted. A module is *entered* by a task when one of its functions runs, *loaded* when it is
imported.
"""

import argparse
import ast
import asyncio
import io
import json
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from types import FrameType

Graph = Mapping[str, frozenset[str]]
TASKS = ("load events", "state margara", "page /")


def modules(source: Path) -> list[Path]:
    """The modules with code, but for packages that hold only a docstring."""
    return [path for path in sorted(source.rglob("*.py")) if path.name != "__init__.py" or len(_body(path)) > 1]


def _body(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text("utf-8")).body


def imported(path: Path, source: Path) -> Iterator[str]:
    """Names of our modules that a module imports, at its head or inside a function."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tracker":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if _file(inner, source) else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("tracker."))


def _file(name: str, source: Path) -> Path | None:
    path = source.joinpath(*name.split(".")[1:])
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def graph(source: Path) -> Graph:
    """Which module imports which, by dotted name."""
    edges: dict[str, frozenset[str]] = {}
    for path in sorted(source.rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        name = ".".join(("tracker", *parts)).removesuffix(".__init__")
        edges[name] = frozenset(other for other in imported(path, source) if other != name)
    return edges


def room(name: str) -> str:
    return name.split(".")[1] if "." in name else name


def rooms(edges: Graph) -> Graph:
    """Which room imports from which other."""
    between: defaultdict[str, set[str]] = defaultdict(set)
    for name, others in edges.items():
        between[room(name)] |= {room(other) for other in others} - {room(name)}
    return {name: frozenset(others) for name, others in between.items()}


def longest_chain(edges: Graph) -> list[str]:
    """The longest way along imports that repeats no name; a circle is cut where it closes."""

    @cache
    def chain(name: str, above: frozenset[str]) -> tuple[str, ...]:
        ways = [chain(other, above | {name}) for other in edges.get(name, ()) if other not in above and other != name]
        return (name, *max(ways, key=len, default=()))

    return list(max((chain(name, frozenset()) for name in edges), key=len))


def circles(edges: Graph) -> list[list[str]]:
    """Groups of modules that import each other, directly or by way of others."""
    import networkx

    components = networkx.strongly_connected_components(networkx.DiGraph({k: list(v) for k, v in edges.items()}))
    return [sorted(group) for group in components if len(group) > 1]


def run_through(task: str) -> tuple[int, int]:
    """Modules entered and modules loaded by a task, each in a process of its own."""
    command = [sys.executable, __file__, "--task", task]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    entered, loaded = json.loads(done.stdout.splitlines()[-1])
    return entered, loaded


def perform(task: str) -> tuple[int, int]:
    """Perform a task in this process, and count the modules that it entered and loaded."""
    import tracker

    source = Path(str(tracker.__file__)).parent
    with tempfile.TemporaryDirectory() as folder:
        store, events = str(Path(folder) / "record.sqlite"), str(source.parents[1] / "events")
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            if task == "load events":
                entered = _entered_by_command(source, "--store", store, "load", events)
            else:
                subprocess.run([sys.executable, "-m", "tracker", "--store", store, "load", events], check=True)
                words = task.split()
                entered = (
                    _entered_by_page(source, store)
                    if task == "page /"
                    else _entered_by_command(source, "--store", store, *words)
                )
    return len(entered), sum(name.split(".")[0] == "tracker" for name in sys.modules)


@contextmanager
def entering(source: Path) -> Iterator[set[str]]:
    """Collect the files under `source` of which a function runs, in this thread and in those that it starts."""
    files: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_name != "<module>" and code.co_filename.startswith(str(source)):
            files.add(code.co_filename)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield files
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]


def _entered_by_command(source: Path, *arguments: str) -> set[str]:
    from tracker.cli.main import answer

    with entering(source) as files:
        answer(list(arguments))
    return files


def _entered_by_page(source: Path, store: str) -> set[str]:
    import httpx

    from tracker import serve
    from tracker.settings import Settings

    application = serve.create(Settings(store=store))

    async def ask() -> set[str]:
        transport = httpx.ASGITransport(app=application)
        async with (
            application.router.lifespan_context(application),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
        ):
            with entering(source) as files:
                response = await client.get("/")
            assert response.status_code == 200, response.text
            return files

    return asyncio.run(ask())


def report(source: Path) -> Iterator[str]:
    """The figures, a line each."""
    edges = graph(source)
    names = modules(source)
    lines = {path: path.read_text("utf-8").count("\n") for path in names}
    yield f"{'modules':40}{len(names):>8,}"
    yield f"{'lines':40}{sum(lines.values()):>8,}"
    by_room: defaultdict[str, list[int]] = defaultdict(list)
    for path, count in lines.items():
        by_room[path.relative_to(source).parts[0].removesuffix(".py")].append(count)
    yield f"{'rooms':40}{len(by_room):>8,}"
    for name, counts in sorted(by_room.items()):
        yield f"  {name:38}{len(counts):>8,} modules {sum(counts):>8,} lines"
    chain = longest_chain(rooms(edges))
    yield f"{'longest chain of rooms':40}{len(chain):>8,} {' > '.join(chain)}"
    groups = circles(edges)
    yield f"{'circles of modules':40}{len(groups):>8,} {'; '.join(', '.join(group) for group in groups)}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1], help="a checkout")
    arguments.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.task:
        print(json.dumps(perform(given.task)))
        return
    print(*report(given.root / "src" / "tracker"), sep="\n")
    for task in TASKS:
        entered, loaded = run_through(task)
        print(f"{'entered by ' + task:40}{entered:>8,} of {loaded:,} loaded")


if __name__ == "__main__":
    main()
