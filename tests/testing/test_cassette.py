"""The fixture ``ibmq_cassette``, as a project of a user has it."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.testing import cassette_files, local_place
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
def tape(pytester: pytest.Pytester) -> Path:
    return pytester.path / "ibmq_cassettes" / "test_bell" / "test_bell.yaml"


@pytest.fixture(scope="module")
def made_once() -> list[str]:
    """The text of the recording of ``BELL``, once a test has made it."""
    return []


@pytest.fixture
def bell_tape(run: Run, tape: Path, made_once: list[str]) -> Path:
    """A project that has recorded ``BELL``."""
    if not made_once:
        run(BELL, RECORD).assert_outcomes(passed=1)
        made_once.append(tape.read_text(encoding="utf-8"))
    tape.parent.mkdir(parents=True, exist_ok=True)
    tape.write_text(made_once[0], encoding="utf-8")
    return tape


def test_a_recording_replays_without_a_service_and_can_be_made_again(run: Run, tape: Path) -> None:
    result = run(BELL)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*test_bell.yaml is missing. Record it with `pytest --ibmq-record=rewrite test_bell.py::*"]
    )
    run(None, RECORD).assert_outcomes(passed=1)
    first = tape.read_text(encoding="utf-8")
    # Nothing but names, dates and what the service made up may be different the second time.
    earlier_circuits = BELL.replace("SHOTS = 100", "SHOTS = 100\n    [QuantumCircuit(1)] * 3")
    run(earlier_circuits, *STRICT).assert_outcomes(passed=1)
    assert tape.read_text(encoding="utf-8") == first
    run(None, RECORD).assert_outcomes(passed=1)
    assert tape.read_text(encoding="utf-8") == first
    run(None, AGAIN).assert_outcomes(passed=1)
    assert _without_ids(tape.read_text(encoding="utf-8")) == _without_ids(first)
    noted = cassette_files.read(tape).recorded
    assert noted["source"] == "emulator"
    assert noted["account"] == {"dialect": "classic", "url": "https://local.ibmq.test"}
    assert len(first) < 100_000


def _without_ids(text: str) -> str:
    text = re.sub(r"times: \d+\n", "", text)
    return "\n".join(re.sub(r"\b[0-9a-f]{24}\b|\d+", "", line) for line in text.splitlines()[:40])


def test_secrets_and_polls_are_not_in_the_file(bell_tape: Path) -> None:
    text = bell_tape.read_text(encoding="utf-8")
    assert "127.0.0.1" not in text
    assert '"apiToken": "api-token-1"' in text
    assert "ibmq_run_00000000000000000000000000000001" in text
    exchanges = cassette_files.read(bell_tape).exchanges
    same = [one for one, other in pairwise(exchanges) if one == other]
    assert not same  # what is asked again and again is one entry with a count


def test_what_was_not_recorded_is_told_with_what_is_nearest(run: Run, bell_tape: Path) -> None:
    result = run(BELL.replace("SHOTS = 100", "SHOTS = 200"))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*ibmq_cassettes/test_bell/test_bell.yaml: request #* was not recorded:*",
            "*Nearest is recorded #* (not asked for yet):*",
            "*body /config/shots: recorded 100, now 200*",
            "*record anew: pytest --ibmq-record=rewrite test_bell.py::test_bell*",
        ]
    )
    result = run(
        BELL.replace(
            "        assert job.tags()", "        backend.status()\n        assert job.tags()"
        )
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*GET https://local.ibmq.test/*ibmq_vigo/queue/status*"])


def test_what_is_left_over_fails_the_test(run: Run, bell_tape: Path) -> None:
    without = BELL.replace(
        '        assert backend.retrieve_job(job.job_id()).name() == "bell"\n', ""
    )
    result = run(without)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*not asked for: #* GET /Network/*/Jobs/*"])


def test_errors_that_a_program_swallows_are_told_all_the_same(run: Run, bell_tape: Path) -> None:
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


def test_a_failed_test_leaves_no_recording(run: Run, tape: Path) -> None:
    run(BELL + "        assert False\n", RECORD).assert_outcomes(failed=1)
    assert not tape.exists()


def test_a_secret_in_what_the_program_sends_is_not_written(run: Run, tape: Path) -> None:
    key = "abcDEF0123456789_-" + "xyz" * 8 + "12"
    assert len(key) == 44
    result = run(
        BELL.replace('job_name="bell"', f'job_name="{key}"').replace('== "bell"', "!= ''"), RECORD
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*Not written: line * of the recording still holds an API key.*"])
    assert key not in str(result.outlines[-4:])
    assert not tape.exists()


def test_a_broken_cassette_says_where(run: Run, tape: Path) -> None:
    tape.parent.mkdir(parents=True)
    for text, message in (
        ("[", "*test_bell.yaml is no YAML: *"),
        ("version: 1\n", "*test_bell.yaml has no list of interactions*"),
        ("interactions: [{request: {method: GET}}]", "*interaction 1 is incomplete or wrong at*"),
    ):
        tape.write_text(text, encoding="utf-8")
        result = run(BELL)
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines([message])


def test_test_that_asks_nothing_cannot_be_recorded(run: Run) -> None:
    result = run("def test_nothing(ibmq_cassette):\n    pass\n", RECORD)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*sent nothing to a quantum service*ibmq_hosts*"])


@pytest.mark.parametrize("dialect", ["classic", "platform"])
def test_an_account_of_a_server_is_recorded_as_live_and_needed_no_more(
    run: Run,
    tape: Path,
    dialect: str,
    workshop: local_place.Workshop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        LocalService(engine=workshop.engine, catalog=workshop.catalog, prewarm=False) as service,
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
    text = tape.read_text(encoding="utf-8")
    assert service.api_token not in text
    noted = cassette_files.read(tape).recorded
    assert (noted["source"], noted["account"]["dialect"]) == ("live", dialect)
    if dialect == "platform":
        assert noted["api_version"] == "2026-04-15"
        assert noted["account"]["instance"].endswith(":a/account-1:instance-1::")
    run(None).assert_outcomes(passed=1)


def test_names_of_cassettes(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nibmq_cassettes = tapes")
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
            "*tapes/test_bell/TestIt.test_one-a-b-c.yaml is missing*",
            "*tapes/test_bell/shared.yaml is missing*",
        ]
    )


def test_other_hosts_are_left_alone(run: Run, pytester: pytest.Pytester) -> None:
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
    run(program, RECORD).stdout.fnmatch_lines(["*sent nothing to a quantum service*"])
    pytester.makeini("[pytest]\nibmq_hosts =\n    127.0.0.1")
    run(None, RECORD).assert_outcomes(passed=1)
    (made,) = (pytester.path / "ibmq_cassettes").rglob("*.yaml")
    assert "/own" in made.read_text(encoding="utf-8")


def test_a_replay_has_nothing_to_wait_for(run: Run, tape: Path) -> None:
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
    assert [one.times for one in cassette_files.read(tape).exchanges if one.status == 429] == [2]
    replayed = run(None, "-s")
    replayed.assert_outcomes(passed=1)
    replayed.stdout.fnmatch_lines(["*slept [[]0.001, 0.001]*"])
