import subprocess
import sys

import pytest

from ibmq_backend.cli.__main__ import main
from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.parser import build_parser

HEAVY = {"qiskit", "numpy", "httpx", "starlette", "ibmq_api_classic", "sqlalchemy"}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--help"], 0),
        (["run", "--help"], 0),
        (["--version"], 0),
        ([], 2),
        (["nothing"], 2),
        (["run", "file.qasm"], 2),
        (["run", "file.qasm", "--backend", "ibmq_vigo", "--shots", "0"], 2),
        (["backends", "--token-env", "NAME"], 2),
    ],
)
def test_answers_without_loading_qiskit(arguments, status):
    program = (
        "import sys\n"
        "from ibmq_backend.cli.__main__ import main\n"
        f"status = main({arguments!r})\n"
        f"loaded = {HEAVY!r} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr


def test_module_can_be_run():
    done = subprocess.run(
        [sys.executable, "-m", "ibmq_backend.cli", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("ibmq-backend 0.")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--url", "http://host", "--token-env", "MINE", "backends"],
        ["backends", "--url", "http://host", "--token-env", "MINE"],
        ["--url", "http://host", "backends", "--token-env", "MINE"],
    ],
)
def test_account_options_go_anywhere(arguments):
    options = build_parser().parse_args(arguments)
    assert (options.url, options.token_env, options.debug) == ("http://host", "MINE", False)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "f", "--backend", "b", "--shots", "many"], "'many' is not a whole number"),
        (["run", "f", "--backend", "b", "--shots", "0"], "has to be 1 or more"),
        (["run", "f", "--backend", "b", "--seed", "-1"], "has to be 0 or more"),
        (["jobs", "--limit", "0"], "has to be 1 or more"),
        (["job"], "ID"),
        (["backends", "--token-env", "NAME"], "--url"),
    ],
)
def test_wrong_arguments(capsys, arguments, says):
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.out == ""


def test_token_is_taken_from_the_environment_only(capsys):
    assert main(["backends", "--url", "http://127.0.0.1:1"]) == 1
    assert "environment variable QE_TOKEN is not set" in capsys.readouterr().err
    assert main(["backends", "--url", "http://127.0.0.1:1", "--token-env", "MINE"]) == 1
    assert "environment variable MINE is not set" in capsys.readouterr().err
    assert main(["backends", "--token", "secret"]) == 2


def test_documented_error_is_one_line(capsys, monkeypatch):
    monkeypatch.setenv("IBMQ_BACKEND_LOCAL", "never")
    assert main(["backends"]) == 1
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("ibmq-backend: No account was found")
    assert main(["backends", "--debug"]) == 1
    assert "IBMQAccountCredentialsNotFound" in capsys.readouterr().err


def test_unforeseen_error_is_one_line_too(capsys, monkeypatch):
    def fail(options):
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr("ibmq_backend.cli.__main__._command", lambda name: fail)
    assert main(["backends"]) == 1
    assert capsys.readouterr().err == (
        "ibmq-backend: ZeroDivisionError: division by zero (--debug shows where)\n"
    )
    assert main(["--debug", "backends"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_errors_control_no_terminal(capsys, monkeypatch):
    """What a service says of an error goes into the line, and into the traceback."""

    def fail(options):
        raise CommandError("gone\x1b]0;own\x07\r\n\u202eforged\x9b2J")

    monkeypatch.setattr("ibmq_backend.cli.__main__._command", lambda name: fail)
    assert main(["jobs"]) == 1
    assert capsys.readouterr().err == ("ibmq-backend: gone\\x1b]0;own\\x07 \\u202eforged\\x9b2J\n")
    assert main(["--debug", "jobs"]) == 1
    printed = capsys.readouterr().err
    assert "gone\\x1b]0;own\\x07\\r\n\\u202eforged\\x9b2J\n" in printed
    assert not set("\x1b\x07\r\u202e\x9b") & set(printed)


def test_errors_that_cannot_say_what_they_are(capsys, monkeypatch):
    def fail(options):
        raise KeyError(16**4000)

    monkeypatch.setattr("ibmq_backend.cli.__main__._command", lambda name: fail)
    assert main(["jobs"]) == 1
    assert capsys.readouterr().err == "ibmq-backend: KeyError: KeyError (--debug shows where)\n"


def test_interrupt(capsys, monkeypatch):
    def interrupt(options):
        raise KeyboardInterrupt

    monkeypatch.setattr("ibmq_backend.cli.__main__._command", lambda name: interrupt)
    assert main(["jobs"]) == 130
    assert capsys.readouterr().err == "Interrupted.\n"
