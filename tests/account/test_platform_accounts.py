"""Accounts of IBM Quantum Platform, saved in one process and used in another."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from qiskit import QuantumCircuit

from ibmq_backend import IBMQ
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import (
    OPEN_PLAN,
    PAYGO_PLAN,
    PREMIUM_PLAN,
    ServiceInstance,
)
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.exceptions import IBMQBackendApiError

CHANNEL = "ibm_quantum_platform"
DEVICE = "ibm_perth"
INSTANCES = (
    ServiceInstance("dear", PREMIUM_PLAN),
    ServiceInstance("frankfurt", PAYGO_PLAN, "eu-de"),
    ServiceInstance("free", OPEN_PLAN),
)
SAVE = """
from qiskit import IBMQ
IBMQ.save_account(token={key!r}, url={url!r}, **{account!r})
"""
PROGRAM = f"""
from qiskit import IBMQ, QuantumCircuit, assemble, transpile
provider = IBMQ.load_account()
backend = provider.get_backend("{DEVICE}")
circuit = QuantumCircuit(2)
circuit.h(0)
circuit.cx(0, 1)
circuit.measure_all()
job = backend.run(assemble(transpile(circuit, backend=backend), backend=backend))
again = backend.retrieve_job(job.job_id())
print(sum(again.result().get_counts().values()))
print(provider)
"""


@pytest.fixture(scope="module")
def service(engine):
    with LocalService(settings=Settings(seed=3), instances=INSTANCES, engine=engine) as running:
        yield running


def run(program):
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), done.stderr


def test_a_key_saved_in_one_process_runs_the_old_program_in_the_next(service):
    account = {"instance": service.crn}
    run(SAVE.format(key=service.api_key, url=service.platform_url, account=account))
    lines, told = run(PROGRAM)
    assert lines[0] == "1024"
    assert service.crn.split(":")[-3][:8] in lines[1]
    assert "emulated" in lines[1]
    assert service.api_key not in told


def test_without_an_instance_one_is_found_with_a_notice(service):
    IBMQ.save_account(service.api_key, service.platform_url, channel=CHANNEL)
    lines, told = run(PROGRAM)
    assert lines[0] == "1024"
    assert "instance='free'" in lines[1]
    assert "Using the instance 'free' (plan open, us-east)." in told
    assert "The account also has 'frankfurt'" in told
    assert "'dear' (plan premium, us-east)" in told
    assert told.count("Using the instance") == 1


def test_an_instance_by_name_is_used_in_its_own_region(service):
    IBMQ.save_account(service.api_key, service.platform_url, instance="frankfurt")
    provider = IBMQ.load_account()
    assert "/eu-de/api" in repr(provider)
    assert len(IBMQ.providers()) == 3
    assert IBMQ.providers()[0] is provider
    assert provider.credentials.instance == INSTANCES[1].crn


def write_official(home, **account):
    folder = home / ".qiskit"
    folder.mkdir(exist_ok=True)
    entry = {"channel": CHANNEL, "private_endpoint": False, **account}
    (folder / "qiskit-ibm.json").write_text(json.dumps({"default-ibm-quantum-platform": entry}))


@pytest.mark.parametrize("instance", [None, INSTANCES[0].crn, "dear"])
def test_accounts_of_the_official_client(service, clean_account, instance, caplog):
    account = {"token": service.api_key, "url": service.platform_url}
    write_official(clean_account, **account, **({"instance": instance} if instance else {}))
    provider = IBMQ.load_account()
    assert ("Using the instance 'free'" in caplog.text) == (instance is None)
    chosen = INSTANCES[2] if instance is None else INSTANCES[0]
    assert provider.credentials.instance == chosen.crn
    assert [b.name() for b in provider.backends(DEVICE)] == [DEVICE]


@pytest.mark.parametrize("instance", [None, INSTANCES[1].crn, "frankfurt"])
def test_variables_of_the_official_client(service, monkeypatch, instance, caplog):
    monkeypatch.setenv("QISKIT_IBM_TOKEN", service.api_key)
    monkeypatch.setenv("QISKIT_IBM_URL", service.platform_url)
    if instance is not None:
        monkeypatch.setenv("QISKIT_IBM_INSTANCE", instance)
    provider = IBMQ.load_account()
    assert ("Using the instance 'free'" in caplog.text) == (instance is None)
    chosen = INSTANCES[2] if instance is None else INSTANCES[1]
    assert provider.credentials.instance == chosen.crn
    assert (provider.credentials.instance.split(":")[5] == "eu-de") == ("/eu-de/" in repr(provider))


def test_a_job_uses_the_instance_of_its_backend(service):
    """Use another provider, another account and a copy of the backend before."""
    first = IBMQ.enable_account(service.api_key, service.platform_url, instance="dear")
    second = IBMQ.get_provider(instance="frankfurt")
    backends = {"dear": first.get_backend(DEVICE), "frankfurt": second.get_backend(DEVICE)}
    made = {
        name: [job.job_id() for job in IBMQ.get_provider(instance=name).backend.jobs(limit=None)]
        for name in ("dear", "frankfurt", "free")
    }
    for name in ("dear", "frankfurt", "dear"):
        job = backends[name].run(_flip(), shots=3)
        made[name].append(job.job_id())
    IBMQ.disable_account()
    third = IBMQ.enable_account(service.api_key, service.platform_url, instance="free")
    made["dear"].append(backends["dear"].run(_flip(), shots=3).job_id())
    providers = {"dear": IBMQ.get_provider(instance="dear"), "free": third}
    providers["frankfurt"] = IBMQ.get_provider(instance="frankfurt")
    for name, provider in providers.items():
        listed = [job.job_id() for job in provider.backend.jobs(limit=None)]
        assert sorted(listed) == sorted(made[name])
    for name, other in (("dear", "free"), ("frankfurt", "dear")):
        with pytest.raises(IBMQBackendApiError, match="1291.*IBMQ.providers"):
            providers[other].backend.retrieve_job(made[name][-1])


def _flip():
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit
