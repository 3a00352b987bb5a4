# 2020: the exceptions of the documentation, caught one by one.
from qiskit import IBMQ, QuantumCircuit, execute, transpile
from qiskit.providers import JobError
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from qiskit.providers.ibmq import (
    IBMQError,
    IBMQAccountError,
    IBMQBackendError,
    IBMQBackendValueError,
    least_busy,
)
from qiskit.providers.ibmq.exceptions import IBMQBackendApiError
from qiskit.providers.ibmq.api.exceptions import RequestsApiError
from qiskit.providers.ibmq.job import (
    IBMQJobFailureError,
    IBMQJobInvalidStateError,
    IBMQJobTimeoutError,
)

try:
    provider = IBMQ.load_account()
except IBMQAccountError:
    IBMQ.enable_account("TOKEN")
    provider = IBMQ.get_provider()

try:
    provider.get_backend("ibmq_does_not_exist")
except QiskitBackendNotFoundError as ex:
    print("1", type(ex).__name__)
try:
    provider.get_backend(simulator=False)
except QiskitBackendNotFoundError as ex:
    print("2", type(ex).__name__)
try:
    least_busy(provider.backends(n_qubits=1000))
except IBMQError as ex:
    print("3", type(ex).__name__)
backend = provider.get_backend("ibmq_valencia")
try:
    backend.retrieve_job("5f00000000000000000000aa")
except IBMQBackendApiError as ex:
    print("4", type(ex).__name__)
try:
    backend.jobs(status="SLEEPING")
except IBMQBackendValueError as ex:
    print("5", type(ex).__name__)
wide = QuantumCircuit(2, 2)
wide.h(0)
wide.cx(0, 1)
wide.measure([0, 1], [0, 1])
try:
    job = backend.run(wide)
    job.result()
except (IBMQJobFailureError, JobError, IBMQBackendError) as ex:
    print("6", isinstance(ex, (IBMQJobFailureError, IBMQBackendError)))
    print("h" in str(ex))
job = execute(wide, backend, shots=8192)
try:
    job.result(timeout=600)
    print("7 in time")
except IBMQJobTimeoutError:
    print("7 too late")
except RequestsApiError:
    print("7 network")
try:
    backend.run(transpile(wide, backend), shots=10**6)
except Exception as ex:
    print("8", isinstance(ex, IBMQError))
try:
    provider.backends.ibmq_nowhere
except AttributeError as ex:
    print("9", "ibmq" in str(ex))
