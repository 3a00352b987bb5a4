"""Runs programs unedited, each in a process of its own, forked from one that has loaded Qiskit.

Reads one request a line from standard input, ``{"program": path, "folder": path}``; answers with
one line, ``{"status": exit status}``. Output goes to the files ``out`` and ``err`` in the folder,
which is the program's working directory and home. Importing Qiskit and the other libraries takes
longer than most programs run, so it is done once; nothing of this package is loaded before a
program asks for it.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import runpy
import signal
import sys
from pathlib import Path

LONGEST_SECONDS = 300
LIBRARIES = (
    "httpx",
    "matplotlib.pyplot",
    "qiskit",
    "qiskit.visualization",
    "qiskit_aer",
    "sqlalchemy",
    "starlette.applications",
    "uvicorn",
    "websockets.sync.client",
)
CELL = re.compile(r"^# In\[\d*\]:\n", re.MULTILINE)


def run_program(path: str) -> None:
    if path.endswith(".ipy"):
        run_notebook(Path(path).read_text(encoding="utf-8"))
    else:
        sys.argv = [path]
        runpy.run_path(path, run_name="__main__")


def run_notebook(text: str) -> None:
    """Run the cells one by one in IPython; the first that fails ends it."""
    from IPython.core.interactiveshell import InteractiveShell

    class Shell(InteractiveShell):
        def enable_gui(self, gui: str | None = None) -> None:
            """No window system here; the base class has none either and raises."""

    shell = Shell.instance()
    for cell in CELL.split(text)[1:]:
        shell.run_cell(cell).raise_error()


def into_the_program(folder: str) -> None:
    """Turn this forked process into the one of a program."""
    signal.alarm(LONGEST_SECONDS)
    os.chdir(folder)
    os.environ["HOME"] = folder
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
        os.close(file)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)


def main() -> None:
    for library in LIBRARIES:
        importlib.import_module(library)
    assert not any(name.startswith("ibmq_backend") for name in sys.modules)
    while line := sys.stdin.readline():
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            into_the_program(request["folder"])
            run_program(request["program"])
            return
        _, status = os.waitpid(child, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
