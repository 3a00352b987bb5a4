"""The server process: its command line, and recovery after a kill."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import gethostname

import httpx
import pytest

from ibmq_backend.emulator.__main__ import build_parser, main
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.options import DATE_VARIABLE
from ibmq_backend.emulator.http.serve import default_store_path, serve
from tests.support.emulator import Client, bell, error_of, until
from tests.support.secret_files import write_secret

ROOT = Path(__file__).parents[3]

Starter = Callable[..., "Process"]


class Process:
    """A server process on a free port."""

    def __init__(self, *arguments: str) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "ibmq_backend.emulator", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self.child.stdout is not None
        self.line = self.child.stdout.readline()
        match = re.search(r"https?://127\.0\.0\.1:\d+", self.line)
        if match is None:
            self.child.kill()
            raise AssertionError(f"no address in {self.line!r}: {self.child.communicate()[1]}")
        self.url = match.group()

    def find_line(self, label: str) -> str:
        """Return the words after a label that the server prints at start."""
        assert self.child.stdout is not None
        for line in self.child.stdout:
            found, _, words = line.rstrip("\n").partition(" ")
            if found == label:
                return words.strip()
            assert not line.startswith("Stop"), f"no line {label}"
        raise AssertionError(f"no line {label}")

    def class_token(self) -> str:
        """Return the generated API token."""
        return self.find_line("Login").rpartition(": ")[2]

    def admin_token(self) -> str:
        """Return the generated admin token."""
        line = self.find_line("Admin")
        found = re.fullmatch(
            r"IBMQ_BACKEND_ADMIN_TOKEN=(\w+) ibmq-backend admin jobs --url (\S+)", line
        )
        assert found is not None, line
        assert found[2] == self.url
        return found[1]

    def troubles(self) -> list[str]:
        """Return the lines of the log of a stopped server except logins and jobs."""
        lines = self.err.splitlines()
        return [line for line in lines if line.split()[1] not in ("login", "job")]

    def end(self, number: int) -> int:
        self.child.send_signal(number)
        self.out, self.err = self.child.communicate(timeout=60)
        return self.child.returncode


@pytest.fixture
def start() -> Iterator[Starter]:
    running: list[Process] = []

    def make(*arguments: str) -> Process:
        running.append(Process(*arguments))
        return running[-1]

    yield make
    for process in running:
        if process.child.poll() is None:
            process.end(signal.SIGKILL)


def long_job() -> dict[str, object]:
    """A job that is simulated for seconds: random gates on many qubits without noise."""
    turn = [{"name": "u3", "qubits": [qubit], "params": [0.3, qubit, 0.1]} for qubit in range(20)]
    bind = [{"name": "cx", "qubits": [qubit, qubit + 1]} for qubit in range(19)]
    measure = [{"name": "measure", "qubits": [q], "memory": [q]} for q in range(20)]
    data = bell(shots=10)
    data["config"] |= {"n_qubits": 20, "memory_slots": 20}
    data["experiments"][0] |= {
        "config": {"n_qubits": 20, "memory_slots": 20},
        "header": {"name": "long", "n_qubits": 20, "memory_slots": 20},
        "instructions": [*(turn + bind) * 12, *measure],
    }
    return data


def test_the_lines_at_start(start: Starter, tmp_path: Path) -> None:
    store = str(tmp_path / "s.sqlite")
    server = start("--store", store)
    assert server.line == f"Emulated quantum service at {server.url}/api\n"
    assert server.find_line("Login").startswith("with the class token, new at every start: ")
    assert server.find_line("Page") == f"{server.url}/"
    assert server.find_line("Jobs") == store
    url = re.fullmatch(
        r'IBMQ.enable_account\("<API token>", url="([^"]+)"\)', server.find_line("Classic")
    )
    assert url is not None
    assert httpx.get(f"{url.group(1)}/version", trust_env=False).status_code == 200
    platform = server.find_line("Platform")
    assert f"QISKIT_IBM_URL={server.url}/api QISKIT_IBM_INSTANCE=crn:v1:" in platform
    assert server.end(signal.SIGINT) == 0
    assert server.err == ""


def test_without_accounts_there_is_one_random_token(start: Starter, tmp_path: Path) -> None:
    tokens = []
    for _ in range(2):
        server = start("--store", str(tmp_path / "s.sqlite"), "--workers", "0")
        token = server.class_token()
        assert re.fullmatch("[0-9a-f]{64}", token)
        tokens.append(token)
        client = Client(server.url, token)
        assert client.json("/users/me")["firstName"] == "class"
        for wrong in ("x", *tokens[:-1], server.admin_token()):
            login = {"apiToken": wrong}
            reply = httpx.post(f"{server.url}/users/loginWithToken", json=login, trust_env=False)
            assert error_of(reply) == (401, 3446)
        server.end(signal.SIGTERM)
        assert token not in server.err
    assert tokens[0] != tokens[1]


def test_open_prints_a_warning(start: Starter, tmp_path: Path) -> None:
    server = start("--store", str(tmp_path / "s.sqlite"), "--workers", "0", "--open")
    assert server.find_line("Login") == "with any API token"
    login = {"apiToken": server.admin_token()}
    assert server.find_line("WARNING").startswith("anybody who reaches this server")
    assert Client(server.url, "x").user_id != Client(server.url, "y").user_id
    reply = httpx.post(f"{server.url}/users/loginWithToken", json=login, trust_env=False)
    assert error_of(reply) == (401, 3446)


def test_termination_is_clean(start: Starter, tmp_path: Path) -> None:
    server = start("--store", str(tmp_path / "s.sqlite"), "--open")
    client = Client(server.url, "x")
    job_id = client.submit(long_job(), backend="ibmq_qasm_simulator")
    client.wait(job_id, "RUNNING")
    assert server.end(signal.SIGTERM) == 0
    assert server.troubles() == []


@pytest.mark.parametrize("state", ["CREATING", "RUNNING", "COMPLETED"])
def test_jobs_survive_a_killed_server(start: Starter, tmp_path: Path, state: str) -> None:
    """A new server on the same database continues after kill -9; test_kills covers PostgreSQL."""
    survive(start, f"sqlite:///{tmp_path / 'store.sqlite'}", state)


def survive(start: Starter, store_url: str, state: str) -> None:
    arguments = ("--store", store_url, "--lease-seconds", "1", "--open")
    first = start(*arguments)
    client = Client(first.url, "ada")
    untouched = client.submit(name="before")
    client.wait(untouched)
    earlier = client.job(untouched)
    if state == "CREATING":
        job = client.create("ibmq_qasm_simulator")
        job_id = job["id"]
        client.upload(job, bell())
    else:
        data = long_job() if state == "RUNNING" else bell()
        job_id = client.submit(data, backend="ibmq_qasm_simulator")
        client.wait(job_id, state)
    before = client.job(job_id)
    assert before["status"] == state
    first.end(signal.SIGKILL)

    second = start(*arguments)
    again = Client(second.url, "ada")
    assert again.job(untouched) == earlier
    assert again.get("/users/me").status_code == 200
    again.http.headers["X-Access-Token"] = client.token  # the old access token is still valid
    if state == "CREATING":
        assert again.job(job_id)["status"] == "CREATING"
        again.post(f"P/Jobs/{job_id}/jobDataUploaded")
    assert again.wait(job_id)["status"] == "COMPLETED"
    after = again.job(job_id)
    for status, at in before["timePerStep"].items():
        assert after["timePerStep"][status] == at
    if state == "COMPLETED":
        assert after == before
    assert again.result(job_id)["success"] is True
    assert len(again.statuses()) == 2


@pytest.mark.postgres
def test_a_server_takes_over_jobs_of_a_killed_one(start: Starter, postgres_url: str) -> None:
    """With two servers on one database, the second finishes the job of the killed one."""
    first = start("--store", postgres_url, "--lease-seconds", "1", "--open")
    client = Client(first.url, "ada")
    job_id = client.submit(long_job(), backend="ibmq_qasm_simulator")
    client.wait(job_id, "RUNNING")
    second = start("--store", postgres_url, "--lease-seconds", "1", "--open")
    other = Client(second.url, "ada")
    assert other.status(job_id)["status"] == "RUNNING"
    first.end(signal.SIGKILL)
    assert other.wait(job_id)["status"] == "COMPLETED"
    assert other.result(job_id)["job_id"] == job_id


def test_accounts_and_bookings_from_a_file(start: Starter, tmp_path: Path) -> None:
    accounts = write_secret(
        tmp_path / "accounts.toml",
        """
        [[project]]
        instance = "uni/physics/course"
        default = true
        [[user]]
        name = "ada"
        token = "t1"
        instances = ["uni/physics/course"]
        [[booking]]
        user = "ada"
        instance = "uni/physics/course"
        backend = "ibmq_vigo"
        start = 2099-01-01T00:00:00Z
        end = 2099-01-01T01:00:00Z
        """,
    )
    arguments = (
        "--accounts",
        str(accounts),
        "--store",
        str(tmp_path / "s.sqlite"),
        "--workers",
        "0",
    )
    server = start(*arguments)
    assert server.find_line("Login") == f"with the tokens of the 1 user in {accounts}"
    client = Client(server.url, "t1")
    assert [hub["name"] for hub in client.json("/Network")] == ["uni"]
    assert len(client.json("/Network/bookings/v2")) == 1
    refused = httpx.post(
        f"{server.url}/users/loginWithToken", json={"apiToken": "t2"}, trust_env=False
    )
    assert error_of(refused) == (401, 3446)
    client.project = "/Network/uni/Groups/physics/Projects/course"
    job_id = client.submit()
    assert client.status(job_id)["status"] == "CREATED"  # no workers here
    server.end(signal.SIGTERM)
    again = start(*arguments[:-2])  # with the same booking and with a worker
    client = Client(again.url, "t1", client.project)
    assert len(client.json("/Network/bookings/v2")) == 1
    assert until(lambda: client.status(job_id), lambda one: one["status"] == "COMPLETED")


def test_mistakes_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--accounts", str(tmp_path / "none.toml"), "--port", "0"]) == 1
    assert "cannot read the accounts file" in capsys.readouterr().err
    assert main(["--store", "mysql://x/y"]) == 1
    assert "mysql" in capsys.readouterr().err
    for wrong in (
        ["--port", "70000"],
        ["--workers", "-1"],
        ["--instance", "a/b"],
        ["--speed", "x"],
    ):
        with pytest.raises(SystemExit):
            build_parser().parse_args(wrong)
    for name in (
        "*",
        "*.",
        "",
        "a b.org",
        "http://a.org",
        "a.org:80",
        "a.org/api",
        "a.*.org",
        "**.a",
    ):
        with pytest.raises(SystemExit):
            build_parser().parse_args([f"--allowed-host={name}"])
        assert "write lab.example.org, or *.example.org for all" in capsys.readouterr().err
    hosts = ["lab", "a-b.example.org", "*.example.org", "a.org.", "192.0.2.1"]
    given = build_parser().parse_args([f"--allowed-host={name}" for name in hosts])
    assert given.allowed_host == hosts
    given = build_parser().parse_args(["--instance", "a/b/c"])
    assert str(given.instance[0]) == "a/b/c"
    assert given.open is False


def test_date_and_noise(
    start: Starter,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = str(tmp_path / "s.sqlite")
    server = start("--store", store, "--date", "2020-05", "--noise", "none")
    client = Client(server.url, server.class_token())
    properties = client.json("P/devices/ibmq_vigo/properties")
    assert properties["last_update_date"].startswith("2020-04-28")
    job_id = client.submit(bell())
    assert client.wait(job_id)["status"] == "COMPLETED"
    assert client.result(job_id)["metadata"]["noise_model"] == "none"

    assert main(["--store", store, "--date", "1999-01"]) == 1
    assert "before the first calibration" in capsys.readouterr().err
    monkeypatch.setenv(DATE_VARIABLE, "2020-05")
    assert build_parser().parse_args([]).date.year == 2020
    monkeypatch.setenv(DATE_VARIABLE, "")
    assert build_parser().parse_args([]).date is None
    for wrong in (["--date", "May"], ["--noise", "loud"], ["--calibration", "best"]):
        with pytest.raises(SystemExit):
            build_parser().parse_args(wrong)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "lab.example"])
def test_listening_on_a_network_needs_accounts_or_open(
    host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--host", host, "--store", str(tmp_path / "s.sqlite")]) == 1
    refusal = capsys.readouterr().err
    assert f"{host} can be reached from other machines" in refusal
    assert "--accounts FILE" in refusal
    assert "--open" in refusal
    assert not list(tmp_path.iterdir())


def test_allowed_hosts(start: Starter, tmp_path: Path) -> None:
    names = ("--allowed-host", "lab.example", "--allowed-host", "*.class.example")
    server = start("--store", str(tmp_path / "s.sqlite"), "--workers", "0", *names)
    statuses = [
        httpx.get(f"{server.url}/version", headers={"Host": name}, trust_env=False).status_code
        for name in ("lab.example", "a.class.example:80", "other.example", "class.example")
    ]
    assert statuses == [200, 200, 403, 403]
    own = httpx.get(f"{server.url}/version", headers={"Host": gethostname()}, trust_env=False)
    assert own.status_code == 403  # network names do not apply on loopback


def test_the_time_limit_of_a_job(start: Starter, tmp_path: Path) -> None:
    server = start("--store", str(tmp_path / "s.sqlite"), "--job-seconds", "1")
    client = Client(server.url, server.class_token())
    job_id = client.submit(long_job(), backend="ibmq_qasm_simulator")
    assert client.wait(job_id)["status"] == "ERROR_RUNNING_JOB"
    assert client.job(job_id)["error"]["code"] == 5201


def test_the_size_limit_of_a_result(start: Starter, tmp_path: Path) -> None:
    server = start("--store", str(tmp_path / "s.sqlite"), "--result-bytes", "100")
    client = Client(server.url, server.class_token())
    job_id = client.submit(bell(), backend="ibmq_qasm_simulator")
    assert client.wait(job_id)["status"] == "ERROR_RUNNING_JOB"
    assert "larger than" in client.job(job_id)["error"]["message"]


def test_forwarded_headers_are_ignored(start: Starter, tmp_path: Path) -> None:
    server = start("--store", str(tmp_path / "s.sqlite"), "--workers", "0")
    forged = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
    login = {"apiToken": "a guess"}
    url = f"{server.url}/users/loginWithToken"
    assert error_of(httpx.post(url, json=login, headers=forged, trust_env=False)) == (401, 3446)
    server.end(signal.SIGTERM)
    assert " login address=127.0.0.1 dialect=classic outcome=refused\n" in server.err
    assert "192.0.2.1" not in server.err


def test_invalid_admin_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for token, reason in (("one", "must differ"), ("", "ASCII"), ("a b", "ASCII")):
        text = f'admin_token = "{token}"\n[[user]]\nname = "ada"\ntoken = "one"\n'
        accounts = write_secret(tmp_path / "accounts.toml", text)
        store = ["--store", str(tmp_path / "s.sqlite")]
        assert main(["--port", "0", *store, "--accounts", str(accounts)]) == 1
        assert reason in capsys.readouterr().err


@pytest.mark.integration
@pytest.mark.parametrize(
    ("host", "hint"),
    [
        ("192.0.2.1", "192.0.2.1 is not an address of this machine; use --host 127.0.0.1"),
        ("nowhere.invalid", "nowhere.invalid is not an address of this machine; use --host"),
    ],
)
def test_addresses_of_other_machines(
    host: str, hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--host", host, "--port", "0", "--open", "--store", str(tmp_path / "s.sqlite")]
    assert main([*arguments, "--workers", "0"]) == 1
    assert f"error: {hint}" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs util-linux")
def test_a_port_for_administrators(tmp_path: Path) -> None:
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 81:
        pytest.skip("this system lets everybody use this port")
    arguments = ["--port", "81", "--workers", "0", "--store", str(tmp_path / "s.sqlite")]
    command = [sys.executable, "-m", "ibmq_backend.emulator", *arguments]
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "may not listen on port 81; choose a port of 1024 or above with --port" in done.stderr


def test_a_server_that_cannot_start_books_nothing(start: Starter, tmp_path: Path) -> None:
    store = ("--store", str(tmp_path / "s.sqlite"), "--workers", "0")
    user = '[[user]]\nname = "ada"\ntoken = "t1"\n'
    booking = """
        [[booking]]
        user = "ada"
        instance = "ibm-q/open/main"
        backend = "ibmq_vigo"
        start = 2099-01-01T00:00:00Z
        end = 2099-01-01T01:00:00Z
        """
    wrong = '[[platform]]\nname = "main"\ndevices = ["no_such_device"]\n'
    accounts = write_secret(tmp_path / "wrong.toml", user + booking + wrong)
    assert main(["--port", "0", *store, "--accounts", str(accounts)]) == 1
    server = start(*store, "--accounts", str(write_secret(tmp_path / "right.toml", user)))
    assert Client(server.url, "t1").json("/Network/bookings/v2") == []


def test_a_port_in_use(start: Starter, tmp_path: Path) -> None:
    server = start("--store", str(tmp_path / "s.sqlite"), "--workers", "0")
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(EmulatorError, match=f"port {port} of 127.0.0.1 is in use; choose another"):
        serve(port=port, store_url=str(tmp_path / "t.sqlite"), workers=0)


def test_wrong_settings(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="'instant' or 'realistic'"):
        serve(port=0, store_url=str(tmp_path / "s.sqlite"), speed="warp", workers=0)


def test_the_default_store_is_in_the_home_folder(clean_account: Path) -> None:
    assert default_store_path().is_relative_to(clean_account)
    assert os.environ["HOME"] == str(clean_account)
