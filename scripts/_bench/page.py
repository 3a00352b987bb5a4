"""Writes ``docs/speed.md`` from the JSON file of a run."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from scripts._bench.report import ROOT, summary

PAGE: Final = ROOT / "docs" / "speed.md"

_HEAD: Final = """\
# Speed

Written by `scripts/bench page FILE`; do not edit. Times depend on the machine, so compare the
ratios: all figures of a table are medians of one run, in which the contenders took turns.
"""

_ABOUT: Final = {
    "client": (
        "Clients",
        "Every client is a process of its own and talks to the same stub, which answers from "
        "prepared bytes: 30 devices, 200 jobs, a result of a Bell circuit, no websockets. "
        "*bare* is `httpx` with the fewest requests that the service needs; *ours* is this "
        "package; *compared* is an older commit of it; *original* is qiskit-ibmq-provider 0.20.2 "
        "in an environment of its own. CPU is that of the client process; the stub counts the "
        "requests. *login* also lists the devices and chooses one. In *50 results* and *50 jobs* "
        "each reply takes 50 ms, and 16 threads or the job manager do the work. *wait 1 s* is the "
        "result of a job that ends after a second.",
        "scripts/bench client --compare CHECKOUT --json FILE",
    ),
    "emulator": (
        "Emulator",
        "*aer* is `AerSimulator` with the noise model of the same device, called in a loop; "
        "*local* is the local service, from `run()` to the counts. CPU is that of all processes.",
        "scripts/bench emulator --compare CHECKOUT --json FILE",
    ),
    "large": (
        "Large results",
        "*decode* reads the bytes with orjson and `Result.from_dict` and downloads nothing; the "
        "clients download too. Memory is the growth of a new process at its peak.",
        "scripts/bench large --compare CHECKOUT --json FILE",
    ),
    "server": (
        "Server",
        "A server process with two simulators; clients in other processes on the same machine "
        "submit jobs, poll and fetch the results. Every result is checked.",
        "scripts/bench server --clients 1,4,16,64 --json FILE",
    ),
}


def write_page(report: Mapping[str, Any]) -> str:
    """Return the page of a report.

    Args:
        report: for each part its ``run`` and its ``tables``.
    """
    blocks = [_HEAD]
    for part, (title, words, command) in _ABOUT.items():
        if part not in report:
            continue
        blocks.append(f"## {title}\n\n{words}\n")
        for one in report[part]["tables"]:
            lines = [one["columns"], ["---"] * len(one["columns"]), *one["rows"]]
            rows = "\n".join("| " + " | ".join(line) + " |" for line in lines)
            blocks.append(f"{one['title']}:\n\n{rows}\n")
        blocks.append(f"Repeat it: `{command}`. This was {summary(report[part]['run'])}\n")
    return "\n".join(blocks)


def show(arguments: Sequence[str]) -> None:
    """Write the page from the JSON file that is named."""
    if len(arguments) != 1:
        sys.exit("usage: scripts/bench page FILE")
    try:
        report = json.loads(Path(arguments[0]).read_text("utf-8"))
    except (OSError, ValueError) as error:
        sys.exit(
            f"{arguments[0]} cannot be read ({error}); write it with scripts/bench PART --json"
        )
    PAGE.write_text(write_page(report), "utf-8")
