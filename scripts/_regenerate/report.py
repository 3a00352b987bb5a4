"""Summary of a run: packages, and seconds of each step."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .spec_check import operations


class Report:
    """The steps and packages of one run."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, float]] = []
        self._lines: list[str] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure the time of a step."""
        start = time.monotonic()
        yield
        self._steps.append((name, time.monotonic() - start))

    def package(self, document: Mapping[str, Any], package: Path) -> None:
        """Count the operations, models and modules of a package."""
        models = sum(1 for path in (package / "models").glob("*.py")) - 1
        modules = sum(1 for path in package.rglob("*.py"))
        count = sum(1 for _ in operations(document))
        self._lines.append(
            f"{package.name}: {count} operations, {models} models, {modules} modules"
        )

    def text(self) -> str:
        """Return the summary."""
        steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self._steps)
        total = sum(seconds for _, seconds in self._steps)
        return "\n".join([*self._lines, f"{steps}; {total:.1f} s in total"])
