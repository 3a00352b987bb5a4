"""Copies and pickles of providers, backends and jobs in this and other processes."""

import copy
import pickle
import subprocess
import sys

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.exceptions import IBMQAccountError


def test_copies_use_the_same_connection(provider, backend):
    deep, shallow = copy.deepcopy(backend), copy.copy(backend)
    assert type(deep) is type(backend)
    assert deep.provider() is shallow.provider() is provider
    assert deep.configuration() is not backend.configuration()
    assert deep.properties().t1(0) == backend.properties().t1(0)
    deep.set_options(shots=77)
    assert backend.options.shots == 4000
    assert copy.deepcopy(provider) is provider
    assert copy.deepcopy(provider.backend) is provider.backend
    assert copy.deepcopy({"device": backend})["device"].name() == "ibmq_vigo"


def test_pickled_backend_keeps_what_was_read_and_set(backend, device_bell):
    backend.properties()
    backend.set_options(shots=50)
    again = pickle.loads(pickle.dumps(backend))
    assert again.name() == "ibmq_vigo"
    assert again.options.shots == 50
    assert again._properties.t1(0) == backend.properties().t1(0)
    assert sum(again.run(device_bell).result().get_counts().values()) == 50


def test_pickled_job(backend, device_bell):
    job = backend.run(device_bell, shots=100)
    early = pickle.loads(pickle.dumps(job))
    counts = job.result().get_counts()
    assert early.result().get_counts() == counts
    late = pickle.loads(pickle.dumps(job))
    assert late.job_id() == job.job_id()
    assert late.status() == job.status()
    assert late.result().get_counts() == counts
    assert late.circuits()[0].name == "bell"


def test_no_secret_in_a_pickle(provider, backend, device_bell):
    token = provider.credentials.token
    job = backend.run(device_bell, shots=10)
    job.result()
    for thing in (provider, provider.backend, backend, job):
        assert token.encode() not in pickle.dumps(thing)


def test_pickle_waits_for_an_account(provider, backend):
    backend.properties()
    text = pickle.dumps(backend)
    IBMQ.disable_account()
    again = pickle.loads(text)
    assert again.configuration().n_qubits == 5
    assert again.properties() is not None
    assert "emulated locally" in repr(again)
    with pytest.raises(IBMQAccountError, match=r"load_account\(\)"):
        again.status()
    assert hasattr(again, "no_such_thing") is False
    IBMQ.enable_local()
    assert again.status().operational


def test_another_process_reads_what_was_pickled(backend, tmp_path):
    backend.properties()
    backend.defaults()
    path = tmp_path / "backend.pickle"
    path.write_bytes(pickle.dumps(backend))
    code = f"""
import pickle
backend = pickle.loads(open({str(path)!r}, 'rb').read())
from qiskit import QuantumCircuit, transpile
circuit = QuantumCircuit(2)
circuit.swap(0, 1)
print(backend, transpile(circuit, backend).count_ops()['cx'])
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.split() == ["ibmq_vigo", "3"], done.stderr


def test_forked_process_uses_its_own_connections(provider, backend):
    assert backend.status().operational
    code = """
import os, sys
from ibmq_backend import IBMQ
backend = IBMQ.enable_local().get_backend('ibmq_vigo')
backend.status()
readable, writable = os.pipe()
child = os.fork()
if child == 0:
    for _ in range(5):
        backend.status()
    os.write(writable, backend.properties().backend_name.encode())
    os._exit(0)
for _ in range(5):
    backend.status()
os.waitpid(child, 0)
print(os.read(readable, 100).decode(), backend.status().operational)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.split() == ["ibmq_vigo", "True"], done.stderr
