# 2020: hubs, groups and projects of courses and companies.
from qiskit import IBMQ
from qiskit.providers.ibmq import IBMQProviderError

IBMQ.load_account()
print(IBMQ.providers())
provider = IBMQ.get_provider(hub="ibm-q-education", group="uni-example-1", project="qc-course")
print(provider)
backend = provider.get_backend("ibmq_rome")
print(backend.hub, backend.group, backend.project)
print(backend.name(), f"{backend}", "%s" % backend)
same = IBMQ.get_provider(hub="ibm-q-education")
print(same == provider)
for p in IBMQ.providers():
    print(p.credentials.hub, len(p.backends()) > 0)
open_provider = IBMQ.get_provider(hub="ibm-q")
print(open_provider.credentials.project)
IBMQ.disable_account()
provider = IBMQ.enable_account("TOKEN", hub="ibm-q-internal", group="deployed", project="default")
print(provider.credentials.hub, provider.credentials.group)
print(provider.backends(simulator=True)[0].configuration().simulator)
try:
    provider.service("runtime")
except Exception as error:
    print(type(error).__name__)
