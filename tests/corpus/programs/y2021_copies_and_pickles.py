# 2021: backends as keys, members, copies.
import copy
import pickle
from qiskit import IBMQ

provider = IBMQ.load_account()
backends = provider.backends()
backend = provider.get_backend("ibmq_lima")
print(backend in backends, backend == provider.get_backend("ibmq_lima"))
print({backend: "value"}[provider.get_backend("ibmq_lima")])
print(sorted(b.name() for b in backends if "li" in b.name()))
copied = copy.copy(backend)
deep = copy.deepcopy(backend)
print(copied.name(), deep.name(), deep.configuration().n_qubits)
print(copy.deepcopy(provider).get_backend("ibmq_lima").name())
configuration = pickle.loads(pickle.dumps(backend.configuration()))
properties = pickle.loads(pickle.dumps(backend.properties()))
print(configuration.backend_name, properties.t1(0) == backend.properties().t1(0))
again = pickle.loads(pickle.dumps(backend))
print(again.name(), again.configuration().n_qubits)
print(type(backend).__name__, isinstance(backend.name(), str))
print("%s and %r" % (backend, backend))
print(
    hasattr(backend, "target"),
    hasattr(provider.backends, "ibmq_lima"),
    "ibmq_lima" in dir(provider.backends),
)
