"""``ibmq-backend doctor``, which examines a program or the installation."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend._secrets.redact import printable
from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.output import print_json, print_renderable, print_text
from ibmq_backend.installation.commands import DISTRIBUTION

if TYPE_CHECKING:
    from ibmq_backend.doctor.environment import EnvironmentReport, Problem
    from ibmq_backend.doctor.findings import Finding

IN_ORDER: Final = 0
TO_MEND: Final = 1

_SHOWN_PACKAGES: Final = frozenset({"httpx", "numpy", "qiskit", "qiskit-aer", "symengine"})


def run(options: argparse.Namespace) -> int:
    """Examine a program, or the installation if none is given.

    Returns:
        0 if nothing must be mended, otherwise 1.

    Raises:
        CommandError: the program cannot be read.
    """
    return _examine_program(options) if options.program else _examine_installation(options)


def _examine_program(options: argparse.Namespace) -> int:
    from ibmq_backend.doctor.program import examine
    from ibmq_backend.doctor.sources import UnreadableProgramError

    try:
        report = examine(Path(options.program))
    except UnreadableProgramError as error:
        raise CommandError(str(error)) from error
    if options.json:
        print_json(report.to_json())
    else:
        print_text(f"{report.program}: {report.verdict}.")
        if report.findings:
            print()
            _print_findings([(str(each.place), each) for each in report.findings])
    return TO_MEND if report.errors else IN_ORDER


def _examine_installation(options: argparse.Namespace) -> int:
    from ibmq_backend.doctor.environment import examine

    report = examine(online=options.online)
    if options.json:
        print_json(report.to_json())
        return IN_ORDER if report.is_in_order else TO_MEND
    print_text(f"ibmq-backend {version(DISTRIBUTION)}: {report.verdict}.")
    print()
    if report.problems:
        _print_findings([(each.topic, each) for each in report.problems])
        print()
    _print_sections(report)
    return IN_ORDER if report.is_in_order else TO_MEND


def _print_sections(report: EnvironmentReport) -> None:
    python, store, service = report.python, report.store, report.service
    lacking = [extra for extra in report.extras if not extra["installed"]]
    pairs: list[tuple[str, str]] = [
        ("python", f"{python['version']} (supported: {python['supported']})"),
        ("packages", _packages_text(report.packages)),
        ("qiskit folder", "; ".join(map(_owner_text, report.owners)) or "nothing is installed"),
        (
            "extras",
            ", ".join(each["name"] for each in report.extras if each["installed"]) or "none",
        ),
        *[("extra lacking", _extra_text(extra)) for extra in lacking],
        *[("account", _account_text(account)) for account in report.accounts],
        ("in use", report.account_in_use or "not examined"),
        *[("variable", f"{name}={value}") for name, value in report.variables.items()],
    ]
    pairs.append(("adaptation", _adaptation_text(report.adaptation)))
    if store:
        pairs.append(("store", _store_text(store)))
    if service.get("tested"):
        answer = f"answers (HTTP {service['status']})" if service["reachable"] else "no answer"
        pairs.append(("service", answer))
    elif any(account["used"] for account in report.accounts):
        pairs.append(("service", "not tested; --online tests it"))
    _print_rows(pairs)


def _adaptation_text(adaptation: dict[str, Any]) -> str:
    terra, tested = adaptation["terra"], adaptation["tested_with"]
    if adaptation["switched_off"]:
        return "Terra is left as it is (IBMQ_BACKEND_ADAPT=never)"
    if terra != tested:
        return f"Terra {terra or 'is missing'}; only {tested} is adapted to old programs"
    when = "when qiskit is imported" if adaptation["at_import"] else "at the first use of IBMQ"
    return f"Terra {terra} is adapted to old programs {when}"


def _print_rows(rows: Sequence[tuple[str, str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(Text(name), Text(printable(text)))
    print_renderable(table)


def _packages_text(packages: Sequence[Mapping[str, Any]]) -> str:
    shown = [row for row in packages if row["name"] in _SHOWN_PACKAGES or not row["ok"]]
    versions = ", ".join(
        f"{row['name']} {row['installed'] or 'missing'}"
        + ("" if row["ok"] else f" ({row['required']} is required)")
        for row in shown
    )
    fitting = sum(row["ok"] for row in packages)
    return f"{versions}; {fitting} of {len(packages)} as required"


def _owner_text(owner: Mapping[str, Any]) -> str:
    lost = f", {owner['missing_files']} missing" if owner["missing_files"] else ""
    files = "1 file" if owner["files"] == 1 else f"{owner['files']} files"
    return f"{owner['name']} {owner['version']} ({files}{lost})"


def _extra_text(extra: Mapping[str, Any]) -> str:
    return (
        f"{extra['name']}: {extra['purpose']}; missing: {', '.join(extra['missing'])}. "
        f"{extra['install']}"
    )


def _account_text(account: Mapping[str, Any]) -> str:
    facts = [account["source"], account["service"], account["instance"]]
    return f"{account['name']}: {', '.join(filter(None, facts))}. {account['why']}"


def _store_text(store: Mapping[str, Any]) -> str:
    if store["jobs"] is None:
        return f"{store['location']}, chosen by {store['chosen_by']}; no jobs"
    size = store["size_bytes"] / 1e6
    return (
        f"{store['location']}, chosen by {store['chosen_by']}; {store['jobs']} jobs "
        f"({store['unfinished_jobs']} unfinished), {size:.1f} MB"
    )


def _print_findings(findings: Sequence[tuple[str, Finding | Problem]]) -> None:
    """Print for each place or topic what is wrong, and below it what to do."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for place, finding in findings:
        warning = "Warning: " if finding.severity == "warning" else ""
        table.add_row(Text(place), Text(warning + printable(finding.problem)))
        remedy = Text(printable(finding.remedy), style="green")
        table.add_row(Text(""), Padding(remedy, (0, 0, 0, 2)))
    print_renderable(table)
