"""The server in a process of its own, and commands that use it."""

import http.server
import json
import re
import signal
import subprocess
import sys
import threading

import pytest

from ibmq_backend.cli.__main__ import main
from ibmq_backend.emulator.__main__ import build_parser
from ibmq_backend.installation.extras import find_extra
from tests.support.secret_files import write_secret

ARGUMENTS = [sys.executable, "-m", "ibmq_backend.cli", "serve", "--port", "0", "--seed", "3"]


@pytest.fixture
def server(home):
    process = subprocess.Popen(
        [*ARGUMENTS, "--store", str(home / "jobs.sqlite")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    url = re.search(r"http://127\.0\.0\.1:\d+/api", process.stdout.readline())[0]
    process.token = process.stdout.readline().split()[-1]
    yield url, process
    process.kill()
    process.communicate(timeout=120)


def test_commands_against_a_server(server, home, capsys, monkeypatch):
    url, process = server
    monkeypatch.setenv("MINE", process.token)
    account = ["--url", url, "--token-env", "MINE"]
    program = home / "one.qasm"
    program.write_text("OPENQASM 2.0; qreg q[1]; creg c[1]; measure q[0] -> c[0];")
    assert main([*account, "run", str(program), "--backend", "ibmq_vigo", "--json"]) == 0
    printed = capsys.readouterr()
    made = json.loads(printed.out)
    assert printed.err == ""
    assert made["status"] == "DONE"
    assert made["circuits"][0]["circuit"] == "one"
    assert main(["jobs", "--json", *account]) == 0
    assert [row["id"] for row in json.loads(capsys.readouterr().out)] == [made["job"]]
    monkeypatch.setenv("MINE", "another-token")
    assert main(["job", made["job"], *account]) == 1
    assert "Login failed" in capsys.readouterr().err
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0
    assert errors.endswith(" login address=127.0.0.1 dialect=classic outcome=refused\n")
    assert process.token not in errors


class Page(http.server.BaseHTTPRequestHandler):
    """Answers every request with a web page, as the server of a wrong URL does."""

    def do_GET(self):
        body = b"<html><body>Welcome</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def test_url_of_a_web_page(capsys, monkeypatch):
    monkeypatch.setenv("QE_TOKEN", "token-of-mine")
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as page:
        thread = threading.Thread(target=page.serve_forever)
        thread.start()
        try:
            status = main(["backends", "--url", f"http://127.0.0.1:{page.server_port}"])
        finally:
            page.shutdown()
            thread.join()
    printed = capsys.readouterr()
    assert status == 1
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert str(page.server_port) in printed.err
    assert "token-of-mine" not in printed.err


def test_both_commands_have_the_same_help(capsys):
    assert main(["serve", "--help"]) == 0
    help_of_command = capsys.readouterr().out
    expected = build_parser()
    expected.prog = "ibmq-backend serve"
    assert help_of_command == expected.format_help()


@pytest.mark.parametrize("module", ["qiskit_aer", "ibmq_backend.emulator.http.serve"])
def test_a_missing_dependency_is_named(capsys, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    assert main(["serve", "--port", "0"]) == 1
    assert find_extra("local").install_command in capsys.readouterr().err


def test_invalid_settings(capsys, tmp_path):
    accounts = write_secret(tmp_path / "accounts.json", "{")
    assert main(["serve", "--port", "0", "--accounts", str(accounts)]) == 1
    assert "The server cannot run" in capsys.readouterr().err
    accounts.chmod(0o644)
    assert main(["serve", "--port", "0", "--accounts", str(accounts)]) == 1
    assert capsys.readouterr().err.endswith(f"Run: chmod 600 {accounts}\n")
    assert main(["serve", "--speed", "warp"]) == 2
