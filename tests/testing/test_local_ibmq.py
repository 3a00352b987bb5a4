"""The fixtures ``local_ibmq`` and ``ibmq_faults`` in a project of a user."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ibmq_backend.emulator.devices.options import DATE_VARIABLE
from tests.testing.conftest import STRICT, Run

JOB = """\
    from qiskit import IBMQ, QuantumCircuit
    from ibmq_backend import IBMQError
    import pytest

    def flipped(backend, shots=50):
        circuit = QuantumCircuit(1)
        circuit.x(0)
        circuit.measure_all()
        return backend.run(circuit, shots=shots)

    def loaded(name="ibmq_qasm_simulator"):
        return IBMQ.load_account().get_backend(name)
"""


def test_every_account_reaches_the_emulator(run: Run) -> None:
    result = run(
        JOB
        + """
    def test_first(local_ibmq):
        job = flipped(loaded())
        assert job.result().get_counts() == {"1": 50}
        assert local_ibmq.service.service_state.jobs.get(job.job_id(), None, None)
        assert [found.job_id() for found in local_ibmq.backend(job.backend().name()).jobs()] == [
            job.job_id()
        ]

    def test_second(local_ibmq):
        assert local_ibmq.IBMQ.active_account() is None
        assert loaded().jobs() == []

    def test_given_account(local_ibmq):
        provider = IBMQ.enable_account("a" * 128)
        assert provider is local_ibmq.provider
        assert IBMQ.active_account()["url"] == local_ibmq.url

    def test_without():
        assert IBMQ.active_account() is None
    """,
        *STRICT,
    )
    result.assert_outcomes(passed=4)


def test_counts_are_the_same_in_every_run(run: Run) -> None:
    result = run(
        JOB
        + """
    counts = {}

    def noisy(backend):
        circuit = QuantumCircuit(2)
        circuit.sx(0)
        circuit.measure_all()
        return backend.run(circuit, shots=1000).result().get_counts()

    @pytest.mark.parametrize("turn", [1, 2])
    def test_default(local_ibmq, turn):
        counts[turn] = noisy(loaded())

    @pytest.mark.ibmq_local(seed=7)
    def test_other_seed(local_ibmq):
        counts[3] = noisy(loaded())

    def test_seed_of_the_program(local_ibmq):
        counts[4] = noisy(IBMQ.enable_local(seed=7).get_backend("ibmq_qasm_simulator"))
        assert local_ibmq.service.service_state.settings.seed == 7

    def test_all():
        assert counts[1] == counts[2]
        assert counts[3] == counts[4]
        assert counts[1] != counts[3]
    """
    )
    result.assert_outcomes(passed=5)


def test_date_and_noise_of_a_test(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATE_VARIABLE, "2019-12")
    result = run(
        JOB
        + """
    def day(backend):
        return backend.properties().last_update_date.date().isoformat()

    def test_default(local_ibmq):
        assert day(local_ibmq.backend("ibmq_vigo")) == "2021-01-20"

    @pytest.mark.ibmq_local(date="2020-05", noise="none")
    def test_marked(local_ibmq):
        backend = local_ibmq.backend("ibmq_vigo")
        assert day(backend) == "2020-04-28"
        assert flipped(backend).result().get_counts() == {"1": 50}

    @pytest.mark.ibmq_local(date="2020-05", noise="none")
    def test_of_the_program(local_ibmq):
        backend = IBMQ.enable_local(date="2019-12").get_backend("ibmq_vigo")
        assert day(backend) == "2019-10-16"
        assert flipped(backend).result().get_counts() == {"1": 50}
    """
    )
    result.assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("setting", "message"),
    [('date="May"', "'May' is not a date"), ('noise="loud"', "noise must be one of full, gates")],
)
def test_settings_without_a_meaning_are_refused(run: Run, setting: str, message: str) -> None:
    result = run(
        JOB
        + f"""
    @pytest.mark.ibmq_local({setting})
    def test_marked(local_ibmq):
        pass
    """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*@pytest.mark.ibmq_local: {message}*"])


def test_real_accounts_are_neither_read_nor_written(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QE_TOKEN", "real")
    monkeypatch.setenv("QE_URL", "https://real.example/api")
    result = run(
        JOB
        + """
    import os
    from pathlib import Path

    def test_program(local_ibmq):
        assert "QE_TOKEN" not in os.environ
        IBMQ.save_account("b" * 128)
        assert (Path.home() / ".qiskit" / "qiskitrc").exists()
        loaded()

    def test_next(local_ibmq):
        assert IBMQ.stored_account() == {}
    """
    )
    result.assert_outcomes(passed=2)
    assert not (Path.home() / ".qiskit").exists()
    assert os.environ["QE_TOKEN"] == "real"


def test_settings_of_the_marker(run: Run) -> None:
    result = run(
        JOB
        + """
    @pytest.mark.ibmq_local(backends=["ibmq_vigo"], job_limits={"ibmq_vigo": 2})
    def test_few_devices(local_ibmq):
        assert [backend.name() for backend in local_ibmq.provider.backends()] == ["ibmq_vigo"]
        assert local_ibmq.backend("ibmq_vigo").job_limit().maximum_jobs == 2

    @pytest.mark.ibmq_local(sped="realistic")
    def test_misspelt(local_ibmq):
        pass
    """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*the emulator has no setting sped. Settings are *backends, *speed*"]
    )


def test_one_emulator_for_the_session(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nibmq_local_scope = session")
    result = run(
        JOB
        + """
    def test_first(local_ibmq):
        flipped(loaded()).wait_for_final_state()

    @pytest.mark.ibmq_faults({"operation": "getBackendStatus", "kind": "status", "status": 403})
    def test_second(local_ibmq, ibmq_faults):
        assert len(loaded().jobs()) == 1
        with pytest.raises(IBMQError):
            loaded().status()

    def test_third(local_ibmq):
        assert loaded().status().operational
    """
    )
    result.assert_outcomes(passed=3)
    pytester.makeini("[pytest]\nibmq_local_scope = class")
    result = run(None)
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*ibmq_local_scope must be function or session, not 'class'*"])


def test_faults_come_from_markers_files_and_calls(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makefile(
        ".toml",
        lost="""
        [[fault]]
        operation = "createJob"
        calls = 1
        kind = "lost_response"
        """,
    )
    result = run(
        JOB
        + """
    from ibmq_backend import IBMQBackendApiError
    from ibmq_backend.exceptions import ApiNotFound

    def jobs_made(plan):
        return sum(one.operation == "createJob" for one in plan.requests)

    @pytest.mark.ibmq_faults("lost.toml")
    def test_lost_reply(ibmq_faults):
        backend = loaded()
        job = flipped(backend)
        assert [found.job_id() for found in backend.jobs()] == [job.job_id()]
        assert "lost_response" in [one.fault for one in ibmq_faults.requests]

    @pytest.mark.ibmq_faults({"operation": "createJob", "kind": "status", "status": 400})
    def test_refused(ibmq_faults):
        with pytest.raises(IBMQBackendApiError):
            flipped(loaded())

    def test_calls(ibmq_faults, local_ibmq):
        backend = local_ibmq.backend("ibmq_qasm_simulator")
        ibmq_faults.script([{"operation": "getBackendStatus", "kind": "status", "status": 404}])
        with pytest.raises(ApiNotFound):
            backend.status()
        ibmq_faults.clear()
        assert backend.status().operational

    @pytest.mark.ibmq_faults({"operation": "createJob", "kind": "stats"})
    def test_misspelt(ibmq_faults):
        pass

    def test_afterwards(local_ibmq):
        with pytest.raises(RuntimeError, match="Add ibmq_faults to the arguments"):
            local_ibmq.faults
        assert local_ibmq.backend("ibmq_qasm_simulator").status().operational
    """
    )
    result.assert_outcomes(passed=4, errors=1)
    result.stdout.fnmatch_lines(["*@pytest.mark.ibmq_faults: *stats*"])


def test_wrong_arguments_of_markers_are_named(run: Run) -> None:
    result = run(
        """
    import pytest

    @pytest.mark.ibmq_local("ibmq_vigo")
    def test_device(local_ibmq):
        pass

    @pytest.mark.ibmq_faults(kind="delay")
    def test_fault(ibmq_faults):
        pass

    @pytest.mark.ibmq_cassette(orderd=False)
    def test_order(ibmq_cassette):
        pass
    """
    )
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(
        [
            "*@pytest.mark.ibmq_local takes keyword arguments, such as *, not 'ibmq_vigo'.",
            "*@pytest.mark.ibmq_faults takes dictionaries and names of files, not *'kind'. *",
            "*@pytest.mark.ibmq_cassette has no argument orderd. Arguments are *",
        ]
    )
