"""What is found: each finding says what is wrong, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from ibmq_backend._secrets.redact import redact

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Place:
    """A place in a program.

    Attributes:
        cell: number of the code cell in a notebook, from 1; ``None`` in a script.
        line: number of the line in the script or cell, from 1.
    """

    cell: int | None
    line: int

    def __str__(self) -> str:
        return f"line {self.line}" if self.cell is None else f"cell {self.cell}, line {self.line}"


@dataclass(frozen=True)
class Finding:
    """One thing that a program uses and that does not work as written.

    Attributes:
        severity: ``error`` if the program stops there, ``warning`` if it runs all the same.
        kind: ``device``, ``extra``, ``install``, ``name``, ``package``, ``service``, ``syntax`` or
            ``token``.
        place: where the program uses it.
        name: what it uses.
        problem: what is wrong, as a sentence.
        remedy: what to write or to run instead.
    """

    severity: Severity
    kind: str
    place: Place
    name: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class ProgramReport:
    """All findings in a program, in the order of its lines."""

    program: str
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """Return the number of findings that stop the program."""
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        """Return the number of findings that do not stop the program."""
        return len(self.findings) - self.errors

    @property
    def verdict(self) -> str:
        """Return the result as a sentence without a full stop."""
        return counted_verdict("runs as it is", self.errors, self.warnings)

    def to_json(self) -> dict[str, Any]:
        """Return the report in the form that docs/doctor.md describes."""
        rows = []
        for finding in self.findings:
            row = asdict(finding)
            place = row.pop("place")
            rows.append({"severity": row.pop("severity"), "kind": row.pop("kind"), **place, **row})
        return {
            "program": self.program,
            "runs": not self.errors,
            "verdict": self.verdict,
            "errors": self.errors,
            "warnings": self.warnings,
            "findings": rows,
        }


def report_of(program: str, findings: Iterable[Finding]) -> ProgramReport:
    """Return a report of the findings, sorted, once each and without secrets."""
    clean = {
        replace(
            finding,
            name=redact(finding.name),
            problem=redact(finding.problem),
            remedy=redact(finding.remedy),
        ): None
        for finding in findings
    }
    found = sorted(clean, key=lambda each: (each.place.cell or 0, each.place.line))
    return ProgramReport(program, tuple(_each_install_once(found)))


def counted_verdict(good: str, errors: int, warnings: int) -> str:
    """Return ``good`` or the number of errors, and the number of warnings if there are some."""
    verdict = _counted(errors, "finding") if errors else good
    return f"{verdict}; {_counted(warnings, 'warning')}" if warnings else verdict


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _each_install_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Leave out later findings that the same installation mends."""
    installed: set[str] = set()
    for finding in findings:
        installs = finding.kind in ("extra", "package") and " install " in finding.remedy
        if not installs or finding.remedy not in installed:
            yield finding
        if installs:
            installed.add(finding.remedy)
