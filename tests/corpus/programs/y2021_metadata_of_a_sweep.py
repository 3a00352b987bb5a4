# 2021: every circuit of a sweep carries what it was made from.
import enum
import numpy as np
from qiskit import IBMQ, QuantumCircuit, transpile
from qiskit.circuit import Parameter


class Basis(enum.Enum):
    X = 1
    Z = 2


provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_quito")
theta = Parameter("θ")
circuits = []
for number, angle in enumerate(np.linspace(0, np.pi, 3)):
    qc = QuantumCircuit(1, 1, name="sweep_%d" % number)
    qc.ry(theta, 0)
    qc.measure(0, 0)
    bound = qc.bind_parameters({theta: angle})
    bound.metadata = {
        theta: angle,
        "index": np.int64(number),
        "angle": np.float64(angle),
        "edge": (0, 1),
        number: "integer key",
        "basis": Basis.Z.name,
        "fit": np.nan,
        "amplitude": np.exp(1j * angle),
        "row": np.arange(3),
        "flag": np.bool_(True),
    }
    circuits.append(bound)
job = backend.run(transpile(circuits, backend), shots=1000)
result = job.result()
for number in range(3):
    metadata = result.results[number].header.metadata
    print(
        metadata["index"],
        round(metadata["angle"], 3),
        round(metadata["θ"], 3),
        list(metadata["edge"]),
    )
    print(metadata["basis"], metadata["fit"], list(metadata["row"]), metadata["flag"])
    print(
        metadata[str(number)],
        abs(result.get_counts(number).get("1", 0) / 1000 - np.sin(metadata["angle"] / 2) ** 2)
        < 0.12,
    )
print([int(circuit.metadata["index"]) for circuit in circuits])
