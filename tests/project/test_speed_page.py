"""The page of measurements is written from the JSON file of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts._bench.page import write_page
from scripts._bench.report import Reference, publish, table


@pytest.mark.integration
def test_a_page_has_the_tables_and_what_the_run_was(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    reference = Reference()
    for _ in range(3):
        reference.measure()
    run = reference.describe(7, {"bare": "httpx 0.28.1"})
    publish("emulator", run, [table("Jobs", ("work", "wall ms"), [("60 jobs", "1 / 2")])], file)
    publish("client", run, [table("Calls", ("call", "CPU ms"), [("status", "3 / 4")])], file)
    page = write_page(json.loads(file.read_text()))
    assert "| call | CPU ms |\n| --- | --- |\n| status | 3 / 4 |\n" in page
    assert "| 60 jobs | 1 / 2 |" in page
    assert page.index("## Clients") < page.index("## Emulator")
    assert "## Server" not in page
    assert page.count("7 rounds. bare: httpx 0.28.1.") == 2
    assert run["commit"] in page
