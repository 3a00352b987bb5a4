# 2021: a table of a device for a report.
import datetime
import pandas as pd
from qiskit import IBMQ

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_casablanca")
config, props = backend.configuration(), backend.properties()
rows = []
for qubit in range(config.n_qubits):
    rows.append(
        {
            "qubit": qubit,
            "T1": props.t1(qubit),
            "T2": props.t2(qubit),
            "readout": props.readout_error(qubit),
            "f": props.frequency(qubit),
            "sx": props.gate_error("sx", qubit),
            "P(1|0)": props.qubit_property(qubit, "prob_meas1_prep0")[0],
            "works": props.is_qubit_operational(qubit),
        }
    )
table = pd.DataFrame(rows).set_index("qubit")
print(table.shape, bool(table["works"].all()))
print(props.last_update_date.tzinfo is not None, props.backend_name, props.backend_version)
cx = {tuple(gate.qubits): gate.parameters[0].value for gate in props.gates if gate.gate == "cx"}
print(sorted(cx) == sorted(tuple(edge) for edge in config.coupling_map))
print(
    props.to_dict()["gates"][0]["parameters"][0]["name"],
    props.faulty_qubits(),
    props.faulty_gates(),
)
print(config.quantum_volume, config.processor_type["family"], config.sample_name)
print(config.online_date.year, config.max_shots, config.max_experiments, config.basis_gates)
print(isinstance(backend.properties(datetime=datetime.datetime(2030, 1, 1)).t1(0), float))
print(props.gate_property("cx", (0, 1)).keys(), config.supported_instructions is not None)
