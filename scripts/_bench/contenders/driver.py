"""Runs the operations of a contender when the command asks for them; only the standard library.

Each line of the standard input is a JSON array; each is answered with a line of JSON:

    ["prepare", OPERATION, REPEATS]   []
    ["run"]                           [wall milliseconds of one repetition]
    ["end"]                           [CPU milliseconds of one repetition, since "run"]
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, NamedTuple

THREADS = 16
MANY = 50
URL = os.environ.get("BENCH_URL", "")
TOKEN = "a" * 128


class Operation(NamedTuple):
    """What is measured.

    Attributes:
        run: takes what ``prepare`` returned.
        prepare: called before the measurement, once for each repetition.
    """

    run: Callable[[Any], object]
    prepare: Callable[[], Any] = lambda: None


def drive(operations: Mapping[str, Operation], *packages: str) -> None:
    """Answer the command until it closes the standard input.

    The first line of the output is the names of the operations and the versions of the packages.
    """
    answers, sys.stdout = sys.stdout, sys.stderr
    arguments: list[Any] = []
    run: Callable[[Any], object] = print
    cpu = 0.0
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    answers.write(json.dumps([list(operations), versions]) + "\n")
    answers.flush()
    for line in sys.stdin:
        match json.loads(line):
            case ["prepare", name, repeats]:
                run = operations[name].run
                arguments = [operations[name].prepare() for _ in range(repeats)]
                gc.collect()
                figures = []
            case ["run"]:
                cpu, started = time.process_time(), time.perf_counter()
                for argument in arguments:
                    run(argument)
                figures = [1000 * (time.perf_counter() - started) / len(arguments)]
            case _:
                figures = [1000 * (time.process_time() - cpu) / len(arguments)]
        answers.write(json.dumps(figures) + "\n")
        answers.flush()
