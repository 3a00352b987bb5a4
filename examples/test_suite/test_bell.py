"""Tests of a program that uses IBM Quantum: emulated, replayed and with a failing service."""

import pytest
from bell import bell_counts
from qiskit import IBMQ


def test_the_noise_of_the_device_is_small(local_ibmq):
    counts = bell_counts("ibmq_vigo")
    assert counts["00"] + counts["11"] > 850


def test_without_noise_both_qubits_agree(ibmq_cassette):
    """The recording beside this file replays without a service; see docs/testing.md."""
    assert bell_counts("ibmq_qasm_simulator").keys() == {"00", "11"}


@pytest.mark.ibmq_faults({"operation": "createJob", "calls": 1, "kind": "lost_response"})
def test_a_lost_reply_creates_no_second_job(ibmq_faults):
    bell_counts("ibmq_vigo")
    assert len(IBMQ.get_provider().get_backend("ibmq_vigo").jobs()) == 1
