# 2021: names of modules below the package, as copied from stack traces and docs.
from qiskit.providers.ibmq.accountprovider import AccountProvider
from qiskit.providers.ibmq.ibmqbackend import IBMQBackend, IBMQSimulator
from qiskit.providers.ibmq.ibmqbackendservice import IBMQBackendService
from qiskit.providers.ibmq.ibmqfactory import IBMQFactory
from qiskit.providers.ibmq.job.ibmqjob import IBMQJob
from qiskit.providers.ibmq.job.exceptions import IBMQJobFailureError
from qiskit.providers.ibmq.managed.exceptions import IBMQManagedResultDataNotAvailable
from qiskit.providers.ibmq.managed import IBMQJobManager, ManagedJobSet, ManagedResults
from qiskit.providers.ibmq.credentials import Credentials, discover_credentials
from qiskit.providers.ibmq.backendreservation import BackendReservation
from qiskit.providers.ibmq.utils.converters import utc_to_local, local_to_utc
from qiskit.providers.ibmq.apiconstants import ApiJobStatus, API_JOB_FINAL_STATES
from qiskit.providers.ibmq.utils import validate_job_tags
from qiskit.providers.ibmq import IBMQ as direct
from qiskit.providers.ibmq.visualization import iplot_error_map, iplot_gate_map
import qiskit.providers.ibmq.jupyter
from qiskit import IBMQ, QuantumCircuit
from datetime import datetime

provider = IBMQ.load_account()
print(isinstance(provider, AccountProvider), isinstance(provider.backend, IBMQBackendService))
backend = provider.get_backend("ibmq_santiago")
print(isinstance(backend, IBMQBackend), isinstance(backend, IBMQSimulator))
print(direct.providers()[0] == provider, isinstance(direct, IBMQFactory))
print(utc_to_local(datetime(2021, 5, 4)).tzinfo is not None, ApiJobStatus.COMPLETED.value)
print(local_to_utc(datetime(2021, 5, 4)).utcoffset().total_seconds())
