"""Run unedited programs, each in a process that is forked from one with Qiskit loaded.

Every line of standard input is a request, ``{"program": path, "folder": path}``; every line of
standard output is a reply, ``{"status": exit status}``. The folder is the program's working
directory and home; its output goes to the files ``out`` and ``err`` there. Importing Qiskit and
other libraries takes longer than most programs run, so it is done once. Of this package
only what ``startup/`` uses is loaded before a program imports it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import runpy
import signal
import sys
from pathlib import Path

MAX_PROGRAM_SECONDS = 300
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
    """Run the cells in IPython until one fails."""
    from IPython.core.interactiveshell import InteractiveShell

    class Shell(InteractiveShell):
        def enable_gui(self, gui: str | None = None) -> None:
            """Do nothing, where the base class raises."""

    shell = Shell.instance()
    for cell in CELL.split(text)[1:]:
        shell.run_cell(cell).raise_error()


def prepare_process(folder: str) -> None:
    """Give this forked process the folder, output and time limit of a program."""
    signal.alarm(MAX_PROGRAM_SECONDS)
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
    assert "ibmq_backend.account" not in sys.modules
    gc.freeze()  # programs need not search what they have not made
    while line := sys.stdin.readline():
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            prepare_process(request["folder"])
            run_program(request["program"])
            return
        _, status = os.waitpid(child, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
