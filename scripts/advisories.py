"""Ask an advisory source about every package that the set-up installs (constraints.txt), with pip-audit.

    python scripts/advisories.py [--osv-url URL] [constraints.txt]

A source that cannot be reached, or a mirror that answers without advisories, must not look like a clean bill. So each
source is first asked about a release that is known to have one; only a source that names it is then believed.
Exit codes: 0 nothing is known against any of them; 1 something is, or one of them is unknown; 3 nobody could be asked.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"
SOURCES = ("osv", "pypi")
KNOWN_BAD = "jinja2==2.4.1"  # CVE-2014-1402 and later ones
UNREACHED = 3


def pip_audit(source: str, requirements: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip_audit", "--strict", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
    command += ["-s", source, "-r", str(requirements), *more]
    return subprocess.run(command, capture_output=True, text=True)


def why_not(source: str, *more: str) -> str | None:
    """Why a source is not to be believed; None if it names what is known."""
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder, "canary.txt")
        canary.write_text(f"{KNOWN_BAD}\n")
        asked = pip_audit(source, canary, *more, "-f", "json", "--timeout", "10")
    try:
        found = json.loads(asked.stdout)["dependencies"][0]["vulns"]
    except (ValueError, LookupError):
        lines = [line for line in asked.stderr.splitlines() if line.strip()]
        return lines[-1] if lines else "no answer"
    return None if found else f"it answers, but knows nothing against {KNOWN_BAD}"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--osv-url", help="another server of the OSV interface")
    parser.add_argument("requirements", nargs="?", type=Path, default=CONSTRAINTS)
    given = parser.parse_args()
    for source in SOURCES:
        more = ("--osv-url", given.osv_url) if given.osv_url and source == "osv" else ()
        reason = why_not(source, *more)
        if reason is None:
            asked = pip_audit(source, given.requirements, *more)
            print(f"{source}: {asked.stdout}{asked.stderr}".strip())
            return int(asked.returncode != 0)
        print(f"{source}: {reason}", file=sys.stderr)
    print("no advisory source could be asked: NOTHING was checked; try again with a network", file=sys.stderr)
    return UNREACHED


if __name__ == "__main__":
    sys.exit(main())
