# 2022: asking for a service that the plan may not have.
from qiskit import IBMQ
from qiskit.providers.ibmq.exceptions import IBMQNotAuthorizedError, IBMQInputValueError

provider = IBMQ.load_account()
for service in ("backend", "runtime", "experiment", "teapot"):
    try:
        print(service, provider.service(service) is not None)
    except IBMQNotAuthorizedError:
        print(service, "not offered")
    except IBMQInputValueError:
        print(service, "unknown")
try:
    provider.runtime.programs()
except IBMQNotAuthorizedError as error:
    print("runtime: not authorized")
try:
    provider.experiment.experiments()
except IBMQNotAuthorizedError as error:
    print("experiment: not authorized")
