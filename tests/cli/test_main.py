import subprocess
import sys

import pytest

from ibmq_backend.cli import commands
from ibmq_backend.cli.__main__ import main
from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.parser import build_parser

HEAVY = {"qiskit", "numpy", "httpx", "starlette", "ibmq_api_classic", "sqlalchemy", "rich"}


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
def test_help_and_usage_errors_load_nothing_heavy(arguments, status):
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
def test_account_options_may_precede_or_follow_the_command(arguments):
    options = build_parser().parse_args(arguments)
    assert (options.url, options.token_env, options.debug) == ("http://host", "MINE", False)


@pytest.mark.parametrize("command", ["demo", "serve", "backends", "jobs"])
def test_debug_may_precede_or_follow_every_command(command):
    assert build_parser().parse_args([command, "--debug"]).debug
    assert build_parser().parse_args(["--debug", command]).debug


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "f", "--backend", "b", "--shots", "many"], "'many' is not a whole number"),
        (["run", "f", "--backend", "b", "--shots", "0"], "is less than 1"),
        (["run", "f", "--backend", "b", "--seed", "-1"], "is less than 0"),
        (["jobs", "--limit", "0"], "is less than 1"),
        (["serve", "--lease-seconds", "-1"], "is not a number above 0"),
        (["serve", "--lease-seconds", "soon"], "is not a number"),
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


def test_unexpected_error_is_one_line(capsys, monkeypatch):
    def fail(options):
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr("ibmq_backend.cli.__main__._command", lambda name: fail)
    assert main(["backends"]) == 1
    assert capsys.readouterr().err == (
        "ibmq-backend: ZeroDivisionError: division by zero (--debug shows where)\n"
    )
    assert main(["--debug", "backends"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_control_characters_in_errors_are_escaped(capsys, monkeypatch):
    """The text of a service is in the one line and in the traceback."""

    def fail(options):
        raise CommandError("gone\x1b]0;own\x07\r\n\u202eforged\x9b2J")

    monkeypatch.setattr("ibmq_backend.cli.__main__._command", lambda name: fail)
    assert main(["jobs"]) == 1
    assert capsys.readouterr().err == ("ibmq-backend: gone\\x1b]0;own\\x07 \\u202eforged\\x9b2J\n")
    assert main(["--debug", "jobs"]) == 1
    printed = capsys.readouterr().err
    assert "gone\\x1b]0;own\\x07\\r\n\\u202eforged\\x9b2J\n" in printed
    assert not set("\x1b\x07\r\u202e\x9b") & set(printed)


def test_error_without_text(capsys, monkeypatch):
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


def test_interrupt_while_waiting_says_how_to_fetch_the_job(capsys):
    class Job:
        def job_id(self):
            return "abc"

        def result(self):
            raise KeyboardInterrupt

    options = build_parser().parse_args(["result", "abc", "--url", "http://host/a b"])
    with pytest.raises(KeyboardInterrupt):
        commands._show_result(options, Job())
    assert "ibmq-backend result abc --url 'http://host/a b'\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [
        (["jobs", "--bad"], "ibmq-backend jobs"),
        (["account", "list", "--bad"], "ibmq-backend account list"),
        (["serve", "--url", "http://host"], "ibmq-backend serve"),
        (["--url", "http://host", "demo"], "ibmq-backend demo"),
        (["--bad", "jobs"], "ibmq-backend jobs"),
        (["--bad"], "ibmq-backend"),
    ],
)
def test_wrong_options_show_the_usage_of_their_command(capsys, arguments, usage):
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"usage: {usage} [")
    assert printed.splitlines()[-1].startswith(f"{usage}: error: ")


def test_versions(capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "qiskit_aer", raising=False)
    assert main(["--version"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["ibmq-backend", "qiskit-terra", "qiskit-aer"]
    assert "qiskit_aer" not in sys.modules


@pytest.mark.parametrize("closed", ["1", "2"])
def test_messages_do_not_move_to_the_other_stream_when_one_is_closed(closed):
    command = f"exec {sys.executable} -m ibmq_backend.cli admin jobs {closed}>&-"
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=60, env={}, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert ("not set to an admin token" in done.stderr) == (closed == "1")


def test_output_is_not_an_error_where_text_is_not_utf_8():
    program = (
        "from ibmq_backend.cli import __main__, histogram, output\n"
        "__main__._prepare_streams()\n"
        "output.print_renderable(histogram.histogram({'00': 1}, width=3))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONIOENCODING": "ascii"},
        check=True,
    )
    assert done.stdout.splitlines() == ["00  1  ???"]
