"""The emulator's replies to requests that schemathesis derives from the descriptions in spec/."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from processes import Emulator
from users import User

SPEC = Path(__file__).resolve().parents[3] / "spec"
PHASES = "examples,coverage,fuzzing,stateful"
CHECKS = (
    "replies_without_server_error",  # of hooks.py, instead of not_a_server_error
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
    "use_after_free",
)
"""The checks on methods and on refused input are left out: the services reply 404 to unknown
methods, and accept more and less input than their descriptions say."""

NEVER_FOUND = {"GET /v1/jobs/{job_id}/transpiled_circuits"}
"""Operations for which the emulator has no data."""

REQUEST_SECONDS = 20


@dataclass(frozen=True)
class Run:
    """A run of schemathesis over one description.

    Attributes:
        output: what it printed.
        report: its report in JSON.
        before: what the emulator stored for the other user before the run.
    """

    output: str
    report: dict[str, Any]
    before: dict[str, Any]

    @property
    def unreached(self) -> set[str]:
        """The operations whose requests all named something that does not exist."""
        return {
            operation
            for operation, phases in self.report["valid_rates"].items()
            if not any(
                rates[kind]
                for rates in phases.values()
                for kind in ("accepted", "conflicts", "rejected")
            )
        }


@pytest.fixture(scope="module", params=["classic", "platform", "cloud"])
def run(
    request: pytest.FixtureRequest,
    emulator: Emulator,
    user: User,
    other_user: User,
    summary: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    description, folder = request.param, tmp_path_factory.mktemp("schemathesis")
    known, report = folder / "known.json", folder / "report.json"
    known.write_text(json.dumps(user.known), encoding="utf-8")
    url = emulator.api_url if description == "platform" else emulator.root
    headers = [f"{name}: {value}" for name, value in user.headers[description].items()]
    options, before = request.config.option, other_user.read_all()
    completed = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("schemathesis")), "run"),
            *(str(SPEC / f"{description}.yaml"), "--url", url),
            *(part for header in headers for part in ("-H", header)),
            *("--phases", PHASES, "--checks", ",".join(CHECKS), "--continue-on-failure"),
            *("--max-examples", options.max_examples, "--seed", options.seed),
            *("--generation-database", "none", "--request-timeout", str(REQUEST_SECONDS)),
            *("--warnings", "off", "--no-color", "--report-json-path", str(report)),
        ],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
            "PYTHONPATH": str(Path(__file__).parent),
            "SCHEMATHESIS_HOOKS": "hooks",
            "SCHEMATHESIS_KNOWN": str(known),
        },
        capture_output=True,
        text=True,
    )
    output = completed.stdout + completed.stderr
    assert report.exists(), output
    document = json.loads(report.read_text(encoding="utf-8"))
    operations = document["operations"]["tested"]
    requests = document["test_cases"]["generated"]
    summary.append(f"{description}: {requests} requests to {operations} operations")
    return Run(output, document, before)


def test_replies_match_the_description(run: Run) -> None:
    assert run.report["test_cases"]["unique_failures"] == 0, run.output
    assert run.report["errors"] == [], run.output


def test_every_operation_is_reached(run: Run) -> None:
    assert run.unreached <= NEVER_FOUND


def test_another_user_is_not_affected(run: Run, other_user: User) -> None:
    assert other_user.read_all() == run.before


@pytest.mark.usefixtures("run")
def test_the_emulator_logs_no_error(emulator_log: Path) -> None:
    assert "Traceback" not in emulator_log.read_text(encoding="utf-8")
