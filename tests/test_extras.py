"""Optional dependencies: the core works without them, and a command that needs one names the extra to install."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from tracker.extras import DISTRIBUTION, EXTRAS, require
from tracker.services import records

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "tracker"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FIORDLAND = str(ROOT / "examples" / "fiordland")
INDIRECT = {"fastapi_offline", "markdown_it", "pandas", "psycopg_pool", "tzdata"}  # used, but not by an import of ours
NAMES = {  # of distributions that are called otherwise
    "markdown_it": "markdown-it-py",
    "opening_hours": "opening-hours-py",
    "psycopg_pool": "psycopg",
}
OPTIONAL = {module for modules in EXTRAS.values() for module in modules}
OF_EXTRAS = {  # the rooms that run only where an extra is installed; the others import its modules in functions
    "api": "serve",
    "web": "serve",
    "serve": "serve",
    "webhooks": "webhooks",
    "scale": "arrow",
}


def distributions(requirements: list[str]) -> set[str]:
    """The names of distributions, without versions and extras."""
    return {re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def brought(modules: Collection[str]) -> set[str]:
    """The distributions that bring modules."""
    return {NAMES.get(module, module.replace("_", "-")) for module in modules}


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """The third-party modules that a file imports, each with whether that is when it is imported itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typed = {id(node) for block in ast.walk(tree) if _is_for_types(block) for node in ast.walk(block)}
    eager = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if id(node) in typed or not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        for name in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"tracker"}:
            yield name, id(node) in eager


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def test_everything_imported_is_declared_and_everything_declared_is_imported() -> None:
    imported = {module for path in SOURCE.rglob("*.py") for module, _ in imports(path)} | INDIRECT
    imported -= {"pydantic_core"}  # comes with pydantic, in the version that it needs
    assert imported >= OPTIONAL
    assert brought(imported - OPTIONAL) == distributions(PROJECT["dependencies"])
    for extra, modules in EXTRAS.items():
        assert brought(modules) == distributions(PROJECT["optional-dependencies"][extra]), extra


def test_all_are_all_but_spark() -> None:
    [everything] = PROJECT["optional-dependencies"]["all"]
    assert everything == f"{DISTRIBUTION}[{','.join(extra for extra in EXTRAS if extra != 'spark')}]"
    assert f"{DISTRIBUTION}[all]" in PROJECT["optional-dependencies"]["dev"]


def test_only_rooms_of_an_extra_import_its_modules_when_they_are_imported() -> None:
    extra_of = {module: extra for extra, modules in EXTRAS.items() for module in modules}
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        for module, eager in imports(path):
            allowed = EXTRAS.get(OF_EXTRAS.get(room, ""), ())
            if eager and module in extra_of and path.name != "postgres.py":
                assert module in allowed, f"{path}: {module} is of the extra {extra_of[module]}"


def without(modules: Collection[str], program: str) -> "subprocess.CompletedProcess[str]":
    """Run a program in a process in which some modules cannot be imported."""
    code = f"import sys\nsys.modules.update(dict.fromkeys({tuple(modules)!r}))\n{program}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_the_core_does_without_any(tmp_path: Path) -> None:
    store = str(tmp_path / "record.sqlite")
    commands = [
        ["load", FIORDLAND], ["state"], ["why", "sk-bridge-closure"], ["history"], ["diff", "2031-02-01", "2031-06-01"],
        ["routes", "HV", "SK"], ["announcements"], ["promises"], ["log"], ["rebuild"], ["config"], ["check", FIORDLAND],
        ["export", "state"], ["export", "--format", "json", "history"], ["audit", "verify"], ["audit", "prove", "1"],
        ["backup", str(tmp_path / "log.gz")], ["draft", "list"], ["token", "list"],
    ]  # fmt: skip
    program = f"""
from tracker.cli.main import answer
for command in {commands!r}:
    assert answer(["--store", {store!r}, *command]) == 0, command
import tracker
assert "answers" in repr(tracker.open({store!r}).state()) and tracker.open({store!r}).state()._repr_html_() is None
"""
    ran = without(OPTIONAL, program)
    assert ran.returncode == 0, ran.stderr


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a log of its own."""
    path = tmp_path_factory.mktemp("extras") / "record.sqlite"
    records.load(str(path), Path(FIORDLAND))
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("extra", "command"),
    [
        ("serve", "serve"),
        ("webhooks", "serve --port 0"),
        ("postgres", "--store postgresql://localhost/none state"),
        ("arrow", "export --format parquet state"),
        ("arrow", "export --format parquet assertions parts"),
        ("arrow", "export --datapackage package"),
        ("arrow", "states-at-scale parts"),
        ("audit", "audit keygen key --name example.org"),
        ("spark", "states-at-scale parts --engine spark"),
    ],
)
def test_a_command_names_the_extra_that_it_lacks(
    extra: str, command: str, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACKER_STORE", str(store))
    if extra == "webhooks":
        text = '[[webhooks]]\nurl = "https://example.org"\nsecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"\n'
        (tmp_path / "tracker.toml").write_text(text, encoding="utf-8")
    if extra == "spark":
        assert without((), _answered("export --format parquet assertions --parts 1 parts")).returncode == 0
    ran = without({"pyspark"} if extra == "spark" else EXTRAS[extra], _answered(command))
    assert ran.returncode == 3, ran.stderr
    assert f'pip install "{DISTRIBUTION}[{extra}]"' in ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""


def _answered(command: str) -> str:
    return f"from tracker.cli.main import answer\nsys.exit(answer({command.split()!r}))"


def test_a_notebook_names_the_extra_that_it_lacks(store: Path) -> None:
    program = f"""
import tracker
answers = tracker.open({str(store)!r}).state()
for table in (answers.to_arrow, answers.to_pandas):
    try:
        table()
    except Exception as error:
        print(type(error).__name__, error)
"""
    arrow, pandas = without({"pandas", "pyarrow"}, program).stdout.splitlines()
    assert arrow == f'MissingExtra pyarrow is not installed: pip install "{DISTRIBUTION}[arrow]"'
    assert pandas.endswith(f'pip install "{DISTRIBUTION}[notebook]"')


def test_what_is_installed_is_not_missing() -> None:
    for extra in ("serve", "webhooks", "postgres", "arrow", "audit", "notebook"):
        require(extra)
