"""Mutants that mutmut passes over: of functions with decorators, as properties are, and of what runs on import.

    python scripts/more_mutants.py [--jobs 2] [src/tracker/state/status.py …]

mutmut changes a function that stays where it is, so that what is decorated, or has done its work once a module is
there, keeps out of its reach. Here each change is made to the text of the module, which a new process then imports. The
changes, and the arguments of pytest, are mutmut's own. A mutant that takes two minutes of a processor is stopped.
"""

import argparse
import contextlib
import difflib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import libcst as cst
import pytest
from mutmut.mutation import file_mutation

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
SECONDS = 120
OURS = ("tracker", "tests")
DONE_BY_MUTMUT = ([], ["classmethod"], ["staticmethod"])


class Mutant(NamedTuple):
    path: Path
    text: str
    change: str

    @property
    def module(self) -> str:
        return ".".join(self.path.relative_to(ROOT / "src").with_suffix("").parts)


def decorators(function: cst.FunctionDef) -> list[str]:
    return [cst.Module([]).code_for_node(each.decorator) for each in function.decorators]


class Everywhere(file_mutation.MutationVisitor):
    """Looks into decorated functions, too."""

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef) and node.decorators:
            return "overload" in decorators(node)
        return super()._skip_node_and_children(node)


def left_out(path: Path) -> Iterator[Mutant]:
    """The mutants of a file that mutmut leaves out."""
    text = path.read_text(encoding="utf-8")
    module, mutations, _, _ = file_mutation.create_mutations(str(path), text)
    whole = str(path.relative_to(ROOT)) in SETTINGS["do_not_mutate"]
    for each in mutations:
        around = each.contained_by_top_level_function
        if whole or not isinstance(around, cst.FunctionDef) or decorators(around) not in DONE_BY_MUTMUT:
            changed = module.deep_replace(each.original_node, each.mutated_node)
            assert isinstance(changed, cst.Module)
            yield Mutant(path, changed.code, change(text, changed.code))


def change(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


class Changed(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds one module with another text."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name == self._mutant.module else None

    def get_source(self, fullname: str) -> str:  # noqa: ARG002
        return self._mutant.text


class ExamplesFirst:
    """The order of the tests: those that draw examples, or ask about the whole record, come last."""

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        items.sort(key=lambda item: hasattr(item.obj, "hypothesis") or "lane_matrix" in item.nodeid)


def forget() -> None:
    """Whatever is ours is imported anew, and what it rests on is kept."""
    for name in list(sys.modules):
        if name.partition(".")[0] in OURS or name == "conftest":
            del sys.modules[name]


def tested(mutant: Mutant | None) -> int:
    """Run the tests in this process."""
    arguments = [*SETTINGS["pytest_add_cli_args_test_selection"], *SETTINGS["pytest_add_cli_args"], "-x", "-q"]
    if mutant is not None:
        sys.meta_path.insert(0, Changed(mutant))
    with Path(os.devnull).open("w") as no, contextlib.redirect_stdout(no), contextlib.redirect_stderr(no):
        return int(pytest.main(arguments, plugins=[ExamplesFirst()]))


def started(mutant: Mutant) -> int:
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        code = 1
        with contextlib.suppress(BaseException):
            code = tested(mutant)
        os._exit(code)
    return pid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    file_mutation.MutationVisitor = Everywhere  # type: ignore[misc]
    paths = [each.resolve() for each in asked.paths] or [
        path for pattern in SETTINGS["only_mutate"] for path in sorted(ROOT.glob(pattern))
    ]
    if tested(None) != 0:
        sys.exit("The tests fail as they are.")
    forget()
    counts: dict[Path, Counter[str]] = {path: Counter() for path in paths}
    running: dict[int, Mutant] = {}

    def ended() -> None:
        pid, status = os.wait()
        mutant = running.pop(pid)
        outcome = "survived" if status == 0 else "killed" if os.WIFEXITED(status) else "timed out"
        counts[mutant.path][outcome] += 1
        if outcome != "killed":
            print(f"{outcome}: {mutant.path.relative_to(ROOT)} {mutant.change}", flush=True)

    for mutant in (each for path in paths for each in left_out(path)):
        while len(running) >= asked.jobs:
            ended()
        running[started(mutant)] = mutant
    while running:
        ended()
    for path, found in counts.items():
        if found:
            told = ", ".join(f"{number} {outcome}" for outcome, number in sorted(found.items()))
            print(f"{path.relative_to(ROOT)}: {found.total()} mutants, {told}")


if __name__ == "__main__":
    main()
