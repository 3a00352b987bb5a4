"""``ibmq-backend try-live`` on the emulated platform, and on the real one with an account."""

from __future__ import annotations

import re
import sys

import pytest

from ibmq_backend.cli.__main__ import main
from ibmq_backend.cli.try_live import MAX_SECONDS
from ibmq_backend.emulator.engine.engine import EngineError
from ibmq_backend.emulator.service_state import DeviceState
from ibmq_backend.testing.cassette import CassetteOptions, replaying
from tests.contract import live
from tests.support.emulated_platform import instance_of
from tests.support.engines import FakeEngine
from tests.support.small_service import FewDevices, make_service

pytestmark = pytest.mark.integration

STEPS = ["account", "instance", "device", "circuit", "job", "result"]


@pytest.fixture(scope="module")
def catalog():
    return FewDevices(("ibm_oslo", "ibm_lagos"))


@pytest.fixture
def engine():
    engine = FakeEngine()
    engine.executions = [1]
    return engine


@pytest.fixture
def service(catalog, engine):
    with make_service(catalog, engine) as running:
        yield running


@pytest.fixture
def file(tmp_path):
    return tmp_path / "live.yaml"


@pytest.fixture
def try_live(service, file, monkeypatch, capsys):
    """Run the command with an account in the environment; return status, steps and both outputs."""
    monkeypatch.setenv("QISKIT_IBM_TOKEN", service.api_key)
    monkeypatch.setenv("QISKIT_IBM_URL", service.platform_url)
    monkeypatch.setenv("QISKIT_IBM_INSTANCE", service.crn)

    def tried(*options):
        status = main(["try-live", "--yes", "--cassette", str(file), *options])
        printed = capsys.readouterr()
        return status, re.findall(r"^([a-z]+) ", printed.out, re.M), printed.out, printed.err

    return tried


def test_each_step_says_what_is_asked_and_what_came(try_live, service, file):
    service.service_state.set_device_state("ibm_lagos", DeviceState(status="maintenance"))
    status, steps, out, err = try_live()
    assert (status, steps, err) == (0, [*STEPS, "cassette"], "")
    assert out.startswith(f"This submits one job of 1 shot, at most {MAX_SECONDS} s of your quota.")
    came = dict(
        zip(STEPS, re.findall(r"^ +-> (.*) \(\d+ requests?, \d+\.\d s\)$", out, re.M), strict=True)
    )
    assert came["account"] == f"accepted by {service.platform_url}"
    assert came["device"] == "ibm_oslo, 7 qubits, 0 jobs waiting"
    assert came["result"].startswith("DONE, counts {")
    assert f"max_execution_time={MAX_SECONDS}" in out
    assert f"{file}: " in out


def test_the_cassette_has_no_secret_and_replays(try_live, service, file, tmp_path, capsys):
    assert try_live("--instance", "premium-instance")[0] == 0
    text = file.read_text()
    account, instance = service.crn.split(":")[6:8]
    others = [instance_of(service, "premium-instance").crn.split(":")[7], account[2:], instance]
    for secret in (service.api_key, service.crn, *others):
        assert secret not in text
    assert f'"cost": {MAX_SECONDS}' in text
    assert text.count("uri: ") > 10
    options = CassetteOptions(path=file, name=file.name, command="")
    home = tmp_path / "replayed"
    service.stop()
    with replaying(options, home, lambda: True, print):
        main(["try-live", "--yes", "--cassette", str(tmp_path / "again.yaml")])
    assert re.search("result .*\n +-> DONE, counts {", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("options", "steps", "problem"),
    [
        (["--instance", "nowhere"], 2, "has no instance 'nowhere'. It has: 'open-instance'"),
        (["--backend", "ibm_nowhere"], 3, "There is no backend 'ibm_nowhere'"),
        (["--backend", "ibm_lagos"], 3, "ibm_lagos takes no jobs now (maintenance). Leave out"),
    ],
)
def test_the_first_step_that_fails_is_the_last(try_live, service, file, options, steps, problem):
    service.service_state.set_device_state("ibm_lagos", DeviceState(status="maintenance"))
    status, said, out, err = try_live(*options)
    assert status == 1
    assert said == [*STEPS[:steps], "cassette"]
    assert re.search(r"^ +failed after GET /\S+: status 200 \(", out, re.M)
    assert problem in err
    assert file.exists()


def test_a_key_that_is_refused(try_live, file, monkeypatch):
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "no-key-of-this-service")
    status, said, out, err = try_live()
    assert (status, said) == (1, ["account", "cassette"])
    assert "failed after POST /identity/token: status 400 (1 request, " in out
    assert "Create a new API key" in err
    assert "no-key-of-this-service" not in file.read_text() + out + err


def test_a_job_that_fails(try_live, engine, file):
    engine.failure = EngineError("The run was lost", 5204)
    status, said, out, err = try_live()
    assert (status, said) == (1, [*STEPS, "cassette"])
    assert re.search(r"^ +failed after GET /\S+/jobs/", out, re.M)
    assert err.startswith("ibmq-backend: ")
    assert file.exists()


def test_an_interrupted_wait_leaves_the_job(try_live, file, monkeypatch):
    def interrupted(job):
        raise KeyboardInterrupt

    monkeypatch.setattr("ibmq_backend.job.job.IBMQJob.result", interrupted)
    status, said, out, _ = try_live()
    assert (status, said) == (130, [*STEPS, "cassette"])
    assert re.search(r"^ +interrupted without a reply \(0 requests, ", out, re.M)
    (job_id,) = re.findall(r"The job goes on\. To fetch it: ibmq-backend result (\S+)", out)
    assert f"job {job_id}, " in out
    assert file.exists()


def test_no_reply_leaves_no_cassette(try_live, service, file):
    service.stop()
    status, said, out, err = try_live()
    assert (status, said) == (1, ["account", "cassette"])
    assert "none: no reply was received" in out
    assert "cannot be reached" in err
    assert not file.exists()


def test_a_file_is_never_overwritten(try_live, file, tmp_path, monkeypatch):
    file.write_text("mine")
    status, said, _, err = try_live()
    assert (status, said) == (1, [])
    assert "exists already. Choose another file with --cassette FILE." in err
    assert file.read_text() == "mine"
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert main(["try-live", "--yes", "--backend", "ibm_nowhere"]) == 1
    names = sorted(path.name for path in tmp_path.glob("ibmq-try-live-*"))
    assert [re.sub(r"\d{4}-\d\d-\d\d", "DATE", name) for name in names] == [
        "ibmq-try-live-DATE-2.yaml",
        "ibmq-try-live-DATE.yaml",
    ]


class Terminal:
    def __init__(self, answer: str) -> None:
        self._answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self._answer


@pytest.mark.parametrize("answer", ["", "n\n", "what\n"])
def test_without_a_yes_nothing_is_sent(try_live, service, file, monkeypatch, capsys, answer):
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert main(["try-live", "--cassette", str(file)]) == 1
    assert capsys.readouterr().out.endswith("Nothing was sent.\n")
    assert not file.exists()


def test_without_a_terminal_nothing_is_sent(try_live, file, capsys):
    assert main(["try-live", "--cassette", str(file)]) == 1
    assert "There is no terminal to ask on: add --yes to agree." in capsys.readouterr().err
    assert not file.exists()


@pytest.mark.parametrize(
    ("account", "problem"),
    [
        ({}, "No account was found in the environment or in ~/.qiskit. Save one with"),
        (
            {"QE_TOKEN": "t" * 64, "QE_URL": "https://quantum.example.org/api"},
            "the one in QE_TOKEN and QE_URL is of a classic server. Save one with",
        ),
        (
            {"QE_TOKEN": "t" * 64, "QE_URL": "https://auth.quantum-computing.ibm.com/api"},
            "a service that IBM switched off. Save one with `ibmq-backend account save`.",
        ),
    ],
)
def test_only_accounts_of_the_platform(monkeypatch, capsys, account, problem):
    for name, value in account.items():
        monkeypatch.setenv(name, value)
    assert main(["try-live", "--yes", "--instance", "mine"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("ibmq-backend: try-live needs an account of IBM Quantum Platform")
    assert problem in printed.err


def test_a_missing_extra_is_named(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "ibmq_backend.testing.cassette")
    monkeypatch.setitem(sys.modules, "vcr.request", None)
    assert main(["try-live", "--yes"]) == 1
    assert re.search(r"try-live needs vcr.*Run `.*testing", capsys.readouterr().err)


@pytest.mark.skipif(not live.WANTED, reason="runs on the live service, when IBMQ_BACKEND_LIVE=1")
def test_the_real_service(tmp_path, monkeypatch, capsys):
    account = live.account_of("platform")
    if account is None:
        pytest.skip(live.missing("platform"))
    monkeypatch.setenv("KEY", account.token)
    file = tmp_path / "live.yaml"
    where = ["--url", account.url, "--token-env", "KEY", "--instance", account.instance]
    status = main(["try-live", "--yes", "--cassette", str(file), *where])
    with capsys.disabled():
        print(capsys.readouterr().out)
    assert status == 0
    assert account.token not in file.read_text()
