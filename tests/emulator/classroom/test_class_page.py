"""docs/class.md: a teacher and a student who do what the page says."""

from __future__ import annotations

import ast
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from ibmq_backend.cli.__main__ import main
from ibmq_backend.emulator.classroom.accounts_file import (
    AccountsFile,
    parse_accounts,
    read_accounts_file,
)
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.core.secret_files import check_tls_files

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "class.md").read_text(encoding="utf-8")
TIMEOUT_SECONDS = 240
Type = Callable[[str], None]


def blocks(kind: str) -> list[str]:
    """Return the code blocks of a kind."""
    found = re.findall(rf"^( *)```{kind}\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
    return [dedent(text) for _, text in found]


CREATE, ADD, ELSEWHERE, CERTIFICATE = blocks("shell")
(ROSTER,) = blocks("csv")
(SERVE,) = blocks("serve")


def class_file() -> AccountsFile:
    """Return the accounts file in the current folder."""
    return read_accounts_file("class.toml")


@pytest.fixture
def type_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """A shell in an empty folder; the commands of this package run in this process."""
    monkeypatch.chdir(tmp_path)

    def run(lines: str) -> None:
        for line in lines.replace("\\\n", "").splitlines():
            words = shlex.split(line)
            if words[0] == "cd":
                monkeypatch.chdir(words[1])
            elif words[0] == "ibmq-backend":
                assert main(words[1:]) == 0, line
            else:
                subprocess.run(words, check=True, capture_output=True)

    return run


@pytest.fixture
def new_class(type_lines: Type) -> None:
    """The class of the first lesson, in the current folder."""
    type_lines(CREATE)
    Path("roster.csv").write_text(ROSTER, encoding="utf-8")
    type_lines(ADD)


@pytest.mark.integration
@pytest.mark.usefixtures("new_class")
def test_from_a_roster_to_the_counts_of_a_student(
    type_lines: Type,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if key[:7] != "PYTEST_"}
    environment["HOME"] = str(tmp_path)
    words = [sys.executable, "-m", "ibmq_backend.cli", *shlex.split(SERVE)[1:], "--port", str(port)]
    server = subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stdout is not None
        assert f"http://127.0.0.1:{port}/api" in server.stdout.readline()
        handout = Path("handout.txt").read_text(encoding="utf-8")
        token = re.findall("Token: (.*)", handout)[0]
        program = "".join(blocks("python"))
        program = program.replace("the token", token).replace(":8000", f":{port}")
        printed = subprocess.run(
            [sys.executable, "-c", program],
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
        ).stdout
        variable, command = re.findall(
            "^(?:export (.*)=.*|(ibmq-backend admin jobs .*))$", PAGE, re.M
        )
        monkeypatch.setenv(variable[0], str(class_file().admin_token))
        type_lines(command[1].replace("https://lab.example.org:8000", f"http://127.0.0.1:{port}"))
        assert "All jobs are finished." in capsys.readouterr().out
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=TIMEOUT_SECONDS)
    counts = ast.literal_eval(printed)
    assert sum(counts.values()) == 1000
    assert counts["00"] + counts["11"] > 850


@pytest.mark.usefixtures("new_class")
def test_a_term(type_lines: Type, capsys: pytest.CaptureFixture[str]) -> None:
    before = class_file().users[0].api_token
    Path("late.csv").write_text("Lise Meitner\n", encoding="utf-8")
    section = PAGE.split("## During the term\n")[1].split("\n## ")[0]
    commands = re.findall("`(ibmq-backend class .*?)`", section)
    assert len(commands) == 5
    type_lines("\n".join(commands))
    assert [user.name for user in class_file().users] == ["Ada Lovelace", "Lise Meitner"]
    assert class_file().users[0].api_token != before


def test_another_machine(type_lines: Type, capsys: pytest.CaptureFixture[str]) -> None:
    type_lines(ELSEWHERE)
    shown = PAGE.split("how to start the server then:\n\n```\n")[1].split("```")[0]
    assert shlex.split(shown.replace("\\\n", "")) == shlex.split(
        capsys.readouterr().out.splitlines()[-1]
    )
    type_lines(CERTIFICATE)
    assert check_tls_files("server.pem", "server.key") is not None


TABLES: dict[str, set[str]] = {"": set()}
for row in PAGE.split("| key | meaning | default |\n")[1].split("\n\n")[0].splitlines()[1:]:
    cells = re.findall("`([^`]+)`", row.split("|")[1])
    if row.startswith("| **"):
        TABLES[cells[0]] = set()
    else:
        TABLES[list(TABLES)[-1]].update(cells)


@pytest.mark.parametrize("table", [name for name in TABLES if name != "[limits]"])
def test_the_page_has_every_key(table: str) -> None:
    with pytest.raises(EmulatorError, match="unknown key 'x'") as caught:
        parse_accounts(f"{table}\nx = 1", Path("class.toml"))
    known = set(ast.literal_eval(str(caught.value).partition("use one of ")[2]))
    others = set() if table else {name.strip("[]") for name in TABLES if name}
    assert TABLES[table] | others == known
