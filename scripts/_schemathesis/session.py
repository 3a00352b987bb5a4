"""Schemathesis against the emulator, one description after another.

Runs in an environment that has schemathesis, while another interpreter has the emulator; see
``scripts/schemathesis``. Ends with 0 when nothing was found.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from emulator import Emulator, User

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTIONS = ("classic", "platform", "cloud")
PHASES = "examples,coverage,fuzzing,stateful"
CHECKS = (
    "answers_for_itself",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
    "use_after_free",
)
"""Left out: what the services do not do. They answer unknown methods with 404, and take more and
less than their descriptions say; and ``not_a_server_error``, in whose place ours stands."""

EMPTY = ("GET /v1/jobs/{job_id}/transpiled_circuits",)
"""What the emulator never has."""

_REQUEST_SECONDS = 20
_SHOWN = 4000


def main() -> int:
    """Run the session.

    Returns:
        0 when all replies were as described, else 1.
    """
    parser = argparse.ArgumentParser(
        prog="scripts/schemathesis",
        description="Send the emulator what its descriptions allow, and what they do not.",
    )
    parser.add_argument("--python", default=sys.executable, help="one that has the emulator")
    parser.add_argument(
        "--max-examples", type=int, default=6, help="how many requests of each kind"
    )
    parser.add_argument("--seed", type=int, default=1, help="which requests")
    parser.add_argument(
        "--seconds", type=int, default=400, help="the longest that one description may take"
    )
    parser.add_argument(
        "only", nargs="*", metavar="DESCRIPTION", help=f"{', '.join(DESCRIPTIONS)}; default: all"
    )
    given = parser.parse_args()
    for name in given.only:
        if name not in DESCRIPTIONS:
            parser.error(f"{name!r} is no description; there are {', '.join(DESCRIPTIONS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="schemathesis-") as folder:
        problems, cases = _session(given, Path(folder))
    print(f"{cases} requests, {problems} findings, {time.monotonic() - begun:.0f} s")
    return 1 if problems else 0


def _session(given: argparse.Namespace, folder: Path) -> tuple[int, int]:
    problems = cases = 0
    with Emulator(given.python, folder) as emulator:
        user, bystander = User(emulator, "ada"), User(emulator, "grace")
        user.make_things()
        bystander.make_things()
        before = bystander.look()
        runs = {
            "classic": (emulator.root, user.classic),
            "platform": (f"{emulator.root}/api", user.platform),
            "cloud": (emulator.root, {"Authorization": user.platform["Authorization"]}),
        }
        for dialect in given.only or runs:
            url, headers = runs[dialect]
            found, sent = _run(given, folder, dialect, url, headers, user.known)
            problems, cases = problems + found, cases + sent
        if bystander.look() != before:
            problems += 1
            print("another user's jobs or sessions have changed", file=sys.stderr)
        if "Traceback" in emulator.said():
            problems += 1
            print(f"the emulator said: {emulator.said()[-_SHOWN:]}", file=sys.stderr)
    return problems, cases


def _run(
    given: argparse.Namespace,
    folder: Path,
    dialect: str,
    url: str,
    headers: dict[str, str],
    known: dict[str, list[Any]],
) -> tuple[int, int]:
    """One description; gives the number of findings and of requests."""
    known_file, report = folder / f"{dialect}-known.json", folder / f"{dialect}-report.json"
    known_file.write_text(json.dumps(known), encoding="utf-8")
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run"),
        *(str(ROOT / "spec" / f"{dialect}.yaml"), "--url", url),
        *(part for name, value in headers.items() for part in ("-H", f"{name}: {value}")),
        *("--phases", PHASES, "--checks", ",".join(CHECKS), "--continue-on-failure"),
        *("--max-examples", str(given.max_examples), "--seed", str(given.seed)),
        *("--generation-database", "none", "--request-timeout", str(_REQUEST_SECONDS)),
        *("--warnings", "off", "--no-color", "--report-json-path", str(report)),
    ]
    environment = {
        **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        "SCHEMATHESIS_HOOKS": "hooks",
        "SCHEMATHESIS_KNOWN": str(known_file),
        "PYTHONPATH": str(Path(__file__).parent),
    }
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=given.seconds,
        )
    except subprocess.TimeoutExpired as late:
        print(f"{dialect}: not done within {given.seconds} s: {late.output!r}", file=sys.stderr)
        return 1, 0
    if not report.exists():
        print(f"{dialect}: {done.stdout[-_SHOWN:]}{done.stderr[-_SHOWN:]}", file=sys.stderr)
        return 1, 0
    summary = json.loads(report.read_text(encoding="utf-8"))
    unreached = _unreached(summary)
    found = summary["test_cases"]["unique_failures"] + sum(
        error["count"] for error in summary["errors"]
    )
    print(
        f"{dialect}: {summary['operations']['tested']} operations, {len(unreached)} of them not "
        f"reached, {summary['test_cases']['generated']} requests, {found} findings"
    )
    if found or done.returncode not in (0, 1):
        print(f"{done.stdout}{done.stderr[-_SHOWN:]}", file=sys.stderr)
    if unreached:
        print(f"only unknown things were asked of: {', '.join(unreached)}", file=sys.stderr)
    return found + len(unreached), summary["test_cases"]["generated"]


def _unreached(summary: dict[str, Any]) -> list[str]:
    """Operations that knew nothing of what they were asked for: what lies behind was not tried."""
    return [
        label
        for label, phases in summary["valid_rates"].items()
        if label not in EMPTY
        and not any(
            rates[kind]
            for rates in phases.values()
            for kind in ("accepted", "conflicts", "rejected")
        )
    ]


if __name__ == "__main__":
    sys.exit(main())
