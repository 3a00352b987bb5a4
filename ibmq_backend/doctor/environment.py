"""Examines the installation: Python, packages, accounts, variables and the store of jobs.

Each section is examined by itself, so that the others are shown when Qiskit or another package
cannot be imported. Nothing is changed, and no request is sent unless it is asked for.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import platform
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from ibmq_backend._compat.quiet import is_switched_off
from ibmq_backend._secrets.redact import redact
from ibmq_backend.doctor.findings import Severity, counted_verdict
from ibmq_backend.doctor.versions import satisfies
from ibmq_backend.installation import owners
from ibmq_backend.installation.commands import DISTRIBUTION, install_command, reinstall_command
from ibmq_backend.installation.extras import Extra, complete_extras, find_extras
from ibmq_backend.installation.guard import version_on_path

_REQUIREMENT: Final = re.compile(r"^([\w.-]*\w)(?:\[[^\]]*\])?\s*([^;]*)")
_IMPORTED: Final = {"qiskit": (owners.METAPACKAGE, owners.TERRA), "httpx": ("httpx",)}
"""Packages that everything else needs, with the distributions that contain them."""

_STARTUP: Final = "_ibmq_backend_startup"
"""The module that ``ibmq_backend.pth`` imports when Python starts."""

_UNSHOWN: Final = re.compile(r"TOKEN|KEY|SECRET|PASSWORD|INSTANCE")
_PREFIXES: Final = ("IBMQ_BACKEND_", "QE_", "QISKIT_IBM_")

VARIABLES: Final = frozenset(
    {
        "IBMQ_BACKEND_ADAPT",
        "IBMQ_BACKEND_ADMIN_TOKEN",
        "IBMQ_BACKEND_DATE",
        "IBMQ_BACKEND_DEBUG",
        "IBMQ_BACKEND_LOCAL",
        "IBMQ_BACKEND_PLAIN_HTTP",
        "IBMQ_BACKEND_STORE",
        "QE_GROUP",
        "QE_HUB",
        "QE_PROJECT",
        "QE_TOKEN",
        "QE_URL",
        "QISKIT_IBM_CHANNEL",
        "QISKIT_IBM_INSTANCE",
        "QISKIT_IBM_TOKEN",
        "QISKIT_IBM_URL",
    }
)
"""Variables that this package reads; the values of others are not shown."""


@dataclass(frozen=True)
class Problem:
    """Something wrong with the installation.

    Attributes:
        severity: ``error`` if something does not work, otherwise ``warning``.
        topic: the section it belongs to.
        problem: what is wrong, as a sentence.
        remedy: the line that mends it.
    """

    severity: Severity
    topic: str
    problem: str
    remedy: str


@dataclass
class EnvironmentReport:
    """What was found, by section; docs/doctor.md describes the keys."""

    python: dict[str, Any] = field(default_factory=dict)
    packages: list[dict[str, Any]] = field(default_factory=list)
    owners: list[dict[str, Any]] = field(default_factory=list)
    extras: list[dict[str, Any]] = field(default_factory=list)
    accounts: list[dict[str, Any]] = field(default_factory=list)
    account_in_use: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    adaptation: dict[str, Any] = field(default_factory=dict)
    store: dict[str, Any] = field(default_factory=dict)
    service: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_in_order(self) -> bool:
        """Return whether nothing must be mended."""
        return all(problem.severity != "error" for problem in self.problems)

    @property
    def verdict(self) -> str:
        """Return the result as a sentence without a full stop."""
        errors = sum(problem.severity == "error" for problem in self.problems)
        warnings = len(self.problems) - errors
        return counted_verdict("in order", errors, warnings)

    def to_json(self) -> dict[str, Any]:
        """Return the report in the form that docs/doctor.md describes."""
        sections = asdict(self)
        return {"ok": self.is_in_order, "findings": sections.pop("problems"), **sections}


def examine(*, online: bool = False) -> EnvironmentReport:
    """Examine the installation.

    Args:
        online: also send one request to the service of the account that is used.
    """
    report = EnvironmentReport()
    _examine_python(report)
    _examine_packages(report)
    _examine_folder(report)
    _examine_imports(report)
    extras = find_extras()
    report.extras = [_extra_row(extra) for extra in extras]
    _examine_variables(report)
    _examine_adaptation(report)
    _examine_store(report)
    if _can_read_accounts(report):
        _examine_accounts(report, extras, online)
    report.problems = [
        Problem(each.severity, each.topic, redact(each.problem), redact(each.remedy))
        for each in report.problems
    ]
    return report


def _add(
    report: EnvironmentReport, severity: Severity, topic: str, problem: str, remedy: str
) -> None:
    report.problems.append(Problem(severity, topic, problem, remedy))


def _examine_python(report: EnvironmentReport) -> None:
    bounds = importlib.metadata.metadata(DISTRIBUTION)["Requires-Python"] or ""
    fits = satisfies(platform.python_version(), bounds)
    report.python = {"version": platform.python_version(), "supported": bounds, "ok": fits}
    if not fits:
        _add(
            report,
            "error",
            "python",
            f"Python {platform.python_version()} is not supported.",
            f"Install in an environment of Python {bounds}.",
        )


def _examine_packages(report: EnvironmentReport) -> None:
    """Compare the installed releases with the bounds of this package and of its extras."""
    wrong: list[str] = []
    for name, bounds, extra in sorted(set(_requirements())):
        present = _installed_version(name)
        if extra and (present is None or any(row["name"] == name for row in report.packages)):
            continue
        fits = present is not None and satisfies(present, bounds)
        report.packages.append({"name": name, "required": bounds, "installed": present, "ok": fits})
        if not fits and name != owners.METAPACKAGE:  # that one is examined with its folder
            wrong.append(f"{name} {present or 'is missing'} ({bounds} is required)")
    if wrong:
        _add(
            report, "error", "packages", f"{', '.join(wrong)}.", install_command(complete_extras())
        )


def _requirements() -> Iterator[tuple[str, str, str]]:
    """Yield name, bounds and extra of each requirement, ``""`` for no extra."""
    known = {extra.name for extra in find_extras()}
    for line in importlib.metadata.requires(DISTRIBUTION) or ():
        match = _REQUIREMENT.match(line)
        extra = re.search(r"""extra\s*==\s*['"]([\w.-]+)['"]""", line)
        if match and match[1] != DISTRIBUTION and (extra is None or extra[1] in known):
            yield match[1].lower(), match[2].strip(), extra[1] if extra else ""


def _installed_version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _examine_folder(report: EnvironmentReport) -> None:
    for owner in owners.find_owners():
        report.owners.append(
            {
                "name": owner.name,
                "version": owner.version,
                "files": owner.files,
                "missing_files": len(owner.missing),
            }
        )
    for finding in owners.examine():
        _add(report, "error", "qiskit folder", finding.problem, finding.repair)


def _examine_imports(report: EnvironmentReport) -> None:
    """Import what everything else needs, unless it is known to be spoiled."""
    if any(problem.severity == "error" for problem in report.problems):
        return
    for name, distributions in _IMPORTED.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                importlib.import_module(name)
        except Exception as error:  # a spoiled package may raise anything
            _add(
                report,
                "error",
                "packages",
                f"{name} cannot be imported: {type(error).__name__}: {error}.",
                reinstall_command(distributions, complete_extras()),
            )


def _extra_row(extra: Extra) -> dict[str, Any]:
    return {
        "name": extra.name,
        "purpose": extra.purpose,
        "installed": extra.is_complete,
        "missing": list(extra.missing),
        "install": extra.remedy,
    }


def _examine_variables(report: EnvironmentReport) -> None:
    for name, value in sorted(os.environ.items()):
        if not name.startswith(_PREFIXES) or not value.strip():
            continue
        shown = name in VARIABLES and not _UNSHOWN.search(name)
        report.variables[name] = redact(value) if shown else "set, not shown"
        if name not in VARIABLES and name.startswith("IBMQ_BACKEND_"):
            _add(
                report,
                "warning",
                "variables",
                f"{name} is not a variable of this package.",
                f"unset {name}",
            )


def _examine_adaptation(report: EnvironmentReport) -> None:
    """Examine whether Terra is adapted to old programs when it is imported."""
    terra = version_on_path()
    report.adaptation = {
        "terra": terra,
        "tested_with": owners.TESTED_VERSION,
        "switched_off": is_switched_off(),
        "startup_file": importlib.util.find_spec(_STARTUP) is not None,
        "at_import": _STARTUP in sys.modules and not is_switched_off(),
    }
    report.adaptation["ok"] = at_import = (
        report.adaptation["at_import"] and terra == owners.TESTED_VERSION
    )
    if not at_import and not is_switched_off() and terra == owners.TESTED_VERSION:
        _add(
            report,
            "warning",
            "adaptation",
            "ibmq_backend.pth was not read when Python started: Terra is adapted to old programs "
            "only at the first use of IBMQ.",
            reinstall_command((), complete_extras())
            if not report.adaptation["startup_file"]
            else "import qiskit.providers.ibmq  # at the top of the program",
        )


def _examine_store(report: EnvironmentReport) -> None:
    from ibmq_backend.emulator.store.location import STORE_VARIABLE, summarize_store

    try:
        summary = summarize_store()
    except ValueError as error:
        _add(report, "error", "store", str(error), f"unset {STORE_VARIABLE}")
        return
    report.store = {
        "location": summary.location.label(),
        "chosen_by": summary.location.source,
        "size_bytes": summary.size_bytes,
        "jobs": summary.jobs,
        "unfinished_jobs": summary.unfinished_jobs,
    }
    if STORE_VARIABLE in report.variables:
        report.variables[STORE_VARIABLE] = summary.location.label()
    if summary.problem is not None:
        _add(
            report,
            "error",
            "store",
            f"The store {summary.location.label()} cannot be read: {summary.problem}.",
            f"Move the file away, or set {STORE_VARIABLE} to another path or to memory.",
        )


def _can_read_accounts(report: EnvironmentReport) -> bool:
    """Return whether the modules for accounts can be imported, which need part of Qiskit."""
    try:
        importlib.import_module("ibmq_backend.credentials")
    except Exception as error:  # a spoiled Qiskit may raise anything
        known = any(problem.severity == "error" for problem in report.problems)
        reason = "" if known else f" ({type(error).__name__}: {error})"
        _add(
            report,
            "warning",
            "accounts",
            f"The accounts were not examined, since Qiskit cannot be imported{reason}.",
            "Mend the installation, then run `ibmq-backend doctor` again.",
        )
        return False
    return True


def _examine_accounts(report: EnvironmentReport, extras: tuple[Extra, ...], online: bool) -> None:
    from ibmq_backend.credentials import describe_use, discover, find_accounts
    from ibmq_backend.exceptions import IBMQAccountError

    with suppress(IBMQAccountError):  # of a variable; discover() raises it again
        report.accounts = [found.to_json() for found in find_accounts()]
    report.account_in_use = redact(describe_use())
    report.service = {"tested": False, "reachable": None, "status": None}
    try:
        selected = discover()
    except IBMQAccountError as error:
        _add(report, "error", "accounts", error.message, "ibmq-backend account list")
        return
    if selected.credentials is None:
        local = next(extra for extra in extras if extra.name == "local")
        if not local.is_complete:
            _add(
                report,
                "error",
                "extras",
                f"IBMQ.load_account() needs the local service, which lacks "
                f"{', '.join(local.missing)}.",
                local.remedy,
            )
    elif online:
        _examine_service(report, selected.credentials)


def _examine_service(report: EnvironmentReport, account: Any) -> None:
    from ibmq_backend.api.reachability import probe
    from ibmq_backend.credentials import display_url
    from ibmq_backend.exceptions import IBMQError

    try:
        status, problem = probe(account)
    except IBMQError as error:
        status, problem = None, error.message
    report.service = {"tested": True, "reachable": status is not None, "status": status}
    if problem is not None:
        _add(
            report,
            "error",
            "service",
            f"{display_url(account.base_url)} does not answer: {problem}",
            "Check the network and the proxy; docs/network.md describes both.",
        )
