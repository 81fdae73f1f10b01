"""Write the versions and hashes of all runtime packages: what a release was tried with.

    python scripts/lock.py [OUT]        default: requirements.lock

pip resolves the program with all extras under constraints.txt, for this interpreter and platform, and says what it
would install; only names, versions and SHA-256 of that are written, and no address. `pip install --require-hashes -r
requirements.lock` then installs nothing else. pip asks the index that it is set up with.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
HEAD = "# Made by `make lock`, for {}: versions and hashes only. Install with pip install --require-hashes -r FILE\n"


def locked(report: dict[str, Any]) -> list[str]:
    """The lines of a lock from pip's installation report.

    Raises: SystemExit, where a package has no hash.
    """
    return sorted(_line(item) for item in report["install"] if not item.get("is_direct"))


def _line(item: dict[str, Any]) -> str:
    name, version = item["metadata"]["name"], item["metadata"]["version"]
    digest = item["download_info"].get("archive_info", {}).get("hashes", {}).get("sha256")
    if not digest:
        raise SystemExit(f"{name} {version}: pip reports no SHA-256 of it")
    return f"{name}=={version} --hash=sha256:{digest}"


def report_of(requirements: Iterable[str]) -> dict[str, Any]:
    """What pip would install."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.json")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        subprocess.run([*command, "--report", str(path), *requirements], check=True)
        report: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return report


def main() -> None:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "requirements.lock"
    lines = locked(report_of(["-c", str(ROOT / "constraints.txt"), f"{ROOT}[all]"]))
    python = f"Python {sys.version_info.major}.{sys.version_info.minor} on {sys.platform}"
    out.write_text(HEAD.format(python) + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"{out}: {len(lines)} packages")


if __name__ == "__main__":
    main()
