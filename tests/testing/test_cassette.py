"""The fixture ``ibmq_cassette`` in a project of a user."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.testing import local_ibmq
from tests.support import cassettes
from tests.testing.conftest import STRICT, Run

BELL = """\
    from qiskit import IBMQ, QuantumCircuit, transpile
    import pytest

    SHOTS = 100

    def bell(backend):
        circuit = QuantumCircuit(2)
        circuit.h(0)
        circuit.cx(0, 1)
        circuit.measure_all()
        circuit = transpile(circuit, backend)
        return circuit, backend.run(circuit, shots=SHOTS, job_name="bell", job_tags=["course"])

    @pytest.mark.ibmq_local(backends=["ibmq_vigo"])
    def test_bell(ibmq_cassette):
        backend = IBMQ.load_account().get_backend("ibmq_vigo")
        circuit, job = bell(backend)
        counts = job.result().get_counts(circuit)
        assert sum(counts.values()) == SHOTS
        assert job.tags() == ["course"]
        assert backend.retrieve_job(job.job_id()).name() == "bell"
"""
RECORD, AGAIN = "--ibmq-record=missing", "--ibmq-record=rewrite"


@pytest.fixture
def path(pytester: pytest.Pytester) -> Path:
    return pytester.path / "ibmq_cassettes" / "test_bell" / "test_bell.yaml"


@pytest.fixture(scope="module")
def recorded_once() -> list[str]:
    """Return a list that gets the text of the recording of ``BELL``."""
    return []


@pytest.fixture
def bell_cassette(run: Run, path: Path, recorded_once: list[str]) -> Path:
    """Return the cassette of a project that has recorded ``BELL``."""
    if not recorded_once:
        run(BELL, RECORD).assert_outcomes(passed=1)
        recorded_once.append(path.read_text(encoding="utf-8"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(recorded_once[0], encoding="utf-8")
    return path


def test_recording_is_replayed_without_a_service_and_can_be_repeated(run: Run, path: Path) -> None:
    result = run(BELL)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*test_bell.yaml is missing. Record it with `pytest --ibmq-record=rewrite test_bell.py::*"]
    )
    run(None, RECORD).assert_outcomes(passed=1)
    first = path.read_text(encoding="utf-8")
    # A second recording differs in names, dates and IDs only.
    earlier_circuits = BELL.replace("SHOTS = 100", "SHOTS = 100\n    [QuantumCircuit(1)] * 3")
    run(earlier_circuits, *STRICT).assert_outcomes(passed=1)
    assert path.read_text(encoding="utf-8") == first
    run(None, RECORD).assert_outcomes(passed=1)
    assert path.read_text(encoding="utf-8") == first
    run(None, AGAIN).assert_outcomes(passed=1)
    assert _without_ids(path.read_text(encoding="utf-8")) == _without_ids(first)
    recorded = cassettes.load(path).recorded
    assert recorded["source"] == "emulator"
    assert recorded["account"] == {"dialect": "classic", "url": "https://local.ibmq.test"}
    assert len(first) < 100_000


def _without_ids(text: str) -> str:
    return "\n".join(re.sub(r"\b[0-9a-f]{24}\b|\d+", "", line) for line in text.splitlines()[:40])


def test_secrets_are_not_in_the_file(bell_cassette: Path) -> None:
    text = bell_cassette.read_text(encoding="utf-8")
    assert "127.0.0.1" not in text
    assert '"apiToken": "api-token-1"' in text
    assert "ibmq_run_000000000000001" in text


def test_mismatch_names_the_nearest_recorded_request(run: Run, bell_cassette: Path) -> None:
    result = run(BELL.replace("SHOTS = 100", "SHOTS = 200"))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*ibmq_cassettes/test_bell/test_bell.yaml: request #* was not recorded:*",
            "*Nearest recorded request is #* (not requested yet):*",
            "*body /config/shots: recorded 100, now 200*",
            "*record again: pytest --ibmq-record=rewrite test_bell.py::test_bell*",
        ]
    )
    result = run(
        BELL.replace(
            "        assert job.tags()", "        backend.status()\n        assert job.tags()"
        )
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*GET https://local.ibmq.test/*ibmq_vigo/queue/status*"])


def test_requests_that_are_left_over_fail_the_test(run: Run, bell_cassette: Path) -> None:
    without = BELL.replace(
        '        assert backend.retrieve_job(job.job_id()).name() == "bell"\n', ""
    )
    result = run(without)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*not requested: #* GET /Network/*/Jobs/*"])


def test_mismatch_that_a_program_catches_is_reported(run: Run, bell_cassette: Path) -> None:
    swallowing = BELL + (
        "        try:\n            backend.status()\n"
        "        except BaseException:\n            pass\n"
    )
    result = run(swallowing)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*was not recorded:*"])
    result = run(swallowing + "        assert False\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ibmq_cassette*", "*was not recorded:*"])


def test_a_failed_test_leaves_no_recording(run: Run, path: Path) -> None:
    run(BELL + "        assert False\n", RECORD).assert_outcomes(failed=1)
    assert not path.exists()


def test_secret_that_the_program_sends_is_not_written(run: Run, path: Path) -> None:
    key = "abcDEF0123456789_-" + "xyz" * 8 + "12"
    assert len(key) == 44
    result = run(
        BELL.replace('job_name="bell"', f'job_name="{key}"').replace('== "bell"', "!= ''"), RECORD
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*Not written: line * of the recording still contains an API key.*"]
    )
    assert key not in str(result.outlines[-4:])
    assert not path.exists()


WRONG_URL = """
interactions:
- request: {method: GET, uri: "http://[", body: "", headers: {}}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: ""}}
"""


def test_damaged_cassette_is_explained(run: Run, path: Path) -> None:
    path.parent.mkdir(parents=True)
    for text, message in (
        ("[", "*test_bell.yaml is not valid YAML: *"),
        ("version: 1\n", "*test_bell.yaml is not a cassette: it has no list of interactions*"),
        ("interactions: [{request: {method: GET}}]", "*interaction 1 is incomplete or wrong at*"),
        ("{interactions: [], metadata: text}", "*its metadata or a URL is wrong*Record it again*"),
        (WRONG_URL, "*its metadata or a URL is wrong*Record it again*"),
    ):
        path.write_text(text, encoding="utf-8")
        result = run(BELL)
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines([message])


def test_test_without_requests_cannot_be_recorded(run: Run) -> None:
    result = run("def test_nothing(ibmq_cassette):\n    pass\n", RECORD)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*sent no request to a quantum service*ibmq_hosts*"])


@pytest.mark.parametrize("dialect", ["classic", "platform"])
def test_live_account_is_recorded_and_not_needed_for_the_replay(
    run: Run,
    path: Path,
    dialect: str,
    shared_parts: local_ibmq.SharedParts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        LocalService(
            engine=shared_parts.engine, catalog=shared_parts.catalog, prewarm=False
        ) as service,
        pytest.MonkeyPatch.context() as patch,
    ):
        if dialect == "classic":
            account = {"QE_URL": service.url, "QE_TOKEN": service.api_token}
        else:
            account = {
                "QISKIT_IBM_URL": service.platform_url,
                "QISKIT_IBM_TOKEN": service.api_key,
                "QISKIT_IBM_INSTANCE": service.crn,
            }
        for name, value in account.items():
            patch.setenv(name, value)
        device = "ibmq_vigo" if dialect == "classic" else "ibm_lagos"
        program = BELL.replace("ibmq_vigo", device)
        run(program, RECORD).assert_outcomes(passed=1)
    text = path.read_text(encoding="utf-8")
    assert service.api_token not in text
    recorded = cassettes.load(path).recorded
    assert (recorded["source"], recorded["account"]["dialect"]) == ("live", dialect)
    if dialect == "platform":
        assert recorded["api_version"] == "2026-04-15"
        assert recorded["account"]["instance"].endswith(":a/account-1:instance-1::")
    run(None).assert_outcomes(passed=1)


def test_names_of_cassettes(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nibmq_cassettes = recordings")
    result = run(
        """
        import pytest

        class TestIt:
            @pytest.mark.parametrize("text", ["a/b c"])
            def test_one(self, ibmq_cassette, text):
                pass

        @pytest.mark.ibmq_cassette("shared")
        def test_two(ibmq_cassette):
            pass
        """
    )
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        [
            "*recordings/test_bell/TestIt.test_one-a-b-c.yaml is missing*",
            "*recordings/test_bell/shared.yaml is missing*",
        ]
    )


def test_other_hosts_are_not_recorded(run: Run, pytester: pytest.Pytester) -> None:
    program = """
        import http.server, threading
        import httpx, pytest

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *args): ...

        def test_it(ibmq_cassette):
            server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
            threading.Thread(target=server.handle_request).start()
            assert httpx.get(f"http://127.0.0.1:{server.server_port}/own").text == "ok"
            server.server_close()
        """
    run(program, RECORD).stdout.fnmatch_lines(["*sent no request to a quantum service*"])
    pytester.makeini("[pytest]\nibmq_hosts =\n    127.0.0.1")
    run(None, RECORD).assert_outcomes(passed=1)
    (made,) = (pytester.path / "ibmq_cassettes").rglob("*.yaml")
    assert "/own" in made.read_text(encoding="utf-8")


def test_replay_does_not_wait(run: Run, path: Path) -> None:
    program = """
        import time
        import pytest
        from qiskit import IBMQ

        @pytest.fixture
        def slept(monkeypatch):
            seconds = []
            monkeypatch.setattr(time, "sleep", seconds.append)
            return seconds

        @pytest.mark.ibmq_local(backends=["ibmq_vigo"])
        @pytest.mark.ibmq_faults({"operation": "getBackendStatus", "calls": "1-2",
                                  "kind": "rate_limit", "retry_after": 30})
        def test_bell(slept, ibmq_faults, ibmq_cassette):
            backend = IBMQ.load_account().get_backend("ibmq_vigo")
            assert backend.status().operational
            print("slept", [round(second, 3) for second in slept])
        """
    recorded = run(program, RECORD, "-s")
    recorded.assert_outcomes(passed=1)
    recorded.stdout.fnmatch_lines(["*slept [[]3*, 3*"])
    assert [one.status for one in cassettes.read(path)].count(429) == 2
    replayed = run(None, "-s")
    replayed.assert_outcomes(passed=1)
    replayed.stdout.fnmatch_lines(["*slept [[]0.001, 0.001]*"])


def test_emulator_that_is_recorded_offers_few_backends(run: Run, path: Path) -> None:
    program = """
        from qiskit import IBMQ

        def test_bell(ibmq_cassette):
            names = [backend.name() for backend in IBMQ.load_account().backends()]
            assert len(names) < 10
            assert {"ibmq_qasm_simulator", "ibmq_vigo"} <= set(names)
        """
    result = run(program, RECORD)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*recorded ibmq_cassettes/test_bell/test_bell.yaml (* kB)*"])
    assert path.stat().st_size < 100_000
    run(None).assert_outcomes(passed=1)
    result = run(program.replace("len(names) < 10", "'ibmq_toronto' in names"), AGAIN)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*For other backends use @pytest.mark.ibmq_local(backends=*"])
