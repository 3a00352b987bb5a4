"""The old import path, tested in new processes."""

import subprocess
import sys

import pytest

from ibmq_backend._compat.dropin import OLD_NAMES


def python(code):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_old_and_new_path_share_every_class():
    code = """
import qiskit
from qiskit.providers.ibmq import IBMQ, IBMQFactory, IBMQBackend, least_busy, AccountProvider
from qiskit.providers.ibmq.job import IBMQJob, job_monitor, QueueInfo, IBMQJobTimeoutError
from qiskit.providers.ibmq.job.ibmqjob import IBMQJob as same_job
from qiskit.providers.ibmq.ibmqbackend import IBMQBackend as same, IBMQSimulator, IBMQRetiredBackend
from qiskit.providers.ibmq.exceptions import IBMQAccountError
from qiskit.providers.ibmq.credentials import Credentials, discover_credentials
from qiskit.providers.ibmq.api.exceptions import RequestsApiError
import qiskit.providers.ibmq.job as old, ibmq_backend, ibmq_backend.job as new
assert qiskit.IBMQ.enable_account.__self__ is IBMQ is ibmq_backend.IBMQ
assert old is new and new.__spec__.name == 'ibmq_backend.job'
assert same is IBMQBackend and same_job is IBMQJob is new.IBMQJob
assert ibmq_backend.least_busy is least_busy and callable(least_busy)
import pickle
assert pickle.loads(pickle.dumps(IBMQJob)) is IBMQJob
print('same')
"""
    assert python(code) == "same"


SAME_NAMES = ["api", "credentials", "exceptions", "job", "jupyter", "managed", "visualization"]
"""Modules of the original with the same name here."""

ORIGINAL = """
    accountprovider api api.exceptions apiconstants backendjoblimit backendreservation credentials
    credentials.configrc credentials.credentials credentials.environ credentials.exceptions
    credentials.hubgroupproject exceptions ibmqbackend ibmqbackendservice ibmqfactory job
    job.exceptions job.ibmqjob job.job_monitor job.queueinfo jupyter managed managed.exceptions
    managed.ibmqjobmanager managed.managedjob managed.managedjobset managed.managedresults
    runner_result utils utils.converters utils.utils version visualization
    visualization.interactive visualization.interactive.error_map
    visualization.interactive.gate_map
"""
"""Modules of qiskit-ibmq-provider 0.20.2 that are not internal."""


def test_all_modules_of_the_original_are_available():
    assert set(ORIGINAL.split()) <= {*OLD_NAMES, *SAME_NAMES}
    assert not set(SAME_NAMES) & set(OLD_NAMES)


def test_every_old_module_name_can_be_imported():
    homes = {**OLD_NAMES, **{name: name for name in SAME_NAMES}}
    code = f"""
import importlib
import qiskit.providers.ibmq
for old, new in {sorted(homes.items())!r}:
    found = importlib.import_module('qiskit.providers.ibmq.' + old)
    if found is not importlib.import_module('ibmq_backend.' + new):
        print(old, 'is', found.__name__)
    if found.__spec__.name != 'ibmq_backend.' + new:
        print(old, 'lost its name', found.__spec__.name)
"""
    assert python(code) == ""


@pytest.mark.parametrize("old", ["ibmqbackend", "job.ibmqjob", "utils.converters"])
def test_an_old_module_can_be_imported_first(old):
    code = (
        "import importlib\n"
        f"found = importlib.import_module('qiskit.providers.ibmq.{old}')\n"
        f"print(found is importlib.import_module('ibmq_backend.{OLD_NAMES[old]}'))"
    )
    assert python(code) == "True"


def test_missing_modules_are_import_errors():
    """A module that never existed, and one of a service that was removed."""
    code = """
import qiskit.providers.ibmq
try:
    import qiskit.providers.ibmq.nowhere
except ModuleNotFoundError as error:
    print(error.name)
try:
    from qiskit.providers.ibmq.runtime import UserMessenger
except ImportError as error:
    print(error)
"""
    missing, removed = python(code).splitlines()
    assert missing == "qiskit.providers.ibmq.nowhere"
    assert "backend.run()" in removed


def test_old_argument_names_reach_functions_imported_before():
    code = """
from qiskit import IBMQ
from qiskit.circuit.random import random_circuit
IBMQ.active_account()
print(random_circuit(n_qubits=3, depth=2, seed=1) == random_circuit(3, 2, seed=1))
"""
    assert python(code) == "True"


def test_the_source_folder_of_the_old_path_may_be_imported_first():
    code = """
import ibmq_backend._dropin
from qiskit.providers.ibmq.accountprovider import AccountProvider
import ibmq_backend
print(AccountProvider is ibmq_backend.AccountProvider)
"""
    assert python(code) == "True"
