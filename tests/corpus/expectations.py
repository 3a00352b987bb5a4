"""What each program has to print: patterns of lines, and checks of counts, in this order."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

Check = str | Callable[[str], bool]

DICTIONARY = re.compile(r"\{[^{}]*\}")


def counts(shots: int, *likely: str, share: float = 0.7, place: int = 0) -> Callable[[str], bool]:
    """Counts of so many shots, most of which have one of the likely outcomes.

    Args:
        shots: sum of all counts.
        likely: outcomes that together have at least ``share``; without any, only the sum is looked
            at. Each of them occurs.
        share: from 0 to 1.
        place: which dictionary of the line.
    """

    def check(line: str) -> bool:
        found = DICTIONARY.findall(line)
        if len(found) <= place:
            return False
        printed = ast.literal_eval(found[place])
        if sum(printed.values()) != shots:
            return False
        return not likely or (
            sum(printed.get(key, 0) for key in likely) >= share * shots
            and all(printed.get(key, 0) > 0 for key in likely)
        )

    return check


BELL = ("00", "11")
FIGURE = "<Figure size"

EXPECTED: dict[str, list[Check]] = {
    "nb2019_overview.ipy": ["AccountProvider", "HTML object"],
    "nb2020_dashboard.ipy": [
        "HTML object",
        "IBMQBackend",
        counts(10, "0", share=0.5),
        FIGURE,
    ],
    "nb2020_status_magics.ipy": [
        r"\[1, 2, 3, 4\]",
        "Job Status",
        counts(100, "1"),
        "ibmq_armonk",
        "n_qubits: 1",
        "Qubits ",
    ],
    "nb2021_lab_template.ipy": [
        "IBMQBackend",
        counts(1024, *BELL),
        FIGURE,
        "AccountProvider",
        "IBMQJob",
        "HTML object",
        "HTML object",
    ],
    "y2019_accounts_on_disk.py": [
        "paste your token here",
        "True",
        "emulated locally",
        "paste your token here https://auth",
        "nothing to disable",
        "already in use",
        r"\{\}",
        "nothing to delete",
        "True",
    ],
    "y2019_device_information.py": [
        "Least busy",
        "ibmqx2",
        "n_qubits: 5",
        r"Qubits \[Name",
        r"Multi-Qubit Gates",
        r"qubit 0 T1 = [\d.]+",
        r"T1 of qubit 0: \d+",
        r"u2 error: True",
        r"cx length: \d+ ns",
        "readout:  True",
        r"frequency: 5\.\d+ GHz",
        "'operational': True",
        r"\d+ pending jobs",
        r"\[\[0, 1\]",
        "ibmq_qasm_simulator",
        "None",
    ],
    "y2019_first_accounts.py": [
        "ibmqx4",
        "Qubits: 5",
        "Job Status: job has successfully run",
        counts(1024, *BELL),
        "ibmqx4.*ibmq_16_melbourne",
    ],
    "y2019_layout_and_memory.py": [
        "100 [01]{2}",
        counts(100, "01"),
        "3",
        counts(200, "01"),
        "200 ibmq_ourense True",
    ],
    "y2019_least_busy.py": [
        "The best backend is ibm",
        "job has successfully run",
        counts(1024, "000", "111", share=0.6),
        "True",
    ],
    "y2019_qobj_and_dictionaries.py": [
        "my-own-id 3 circuit_1",
        "True COMPLETED ibmq_burlington",
        counts(512, "0x0", "0x1", share=0.8),
        "circuit_0 True",
        "circuit_1 True",
        "circuit_2 True",
        counts(512, "01"),
        r"\[512, 512, 512\]",
        "True my-own-id",
    ],
    "y2019_random_bits.py": [r"\[\d+(, \d+){7}\]", "True True"],
    "y2019_teleportation.py": ["'1': 0", counts(1000, "0", "1", share=1.0)],
    "y2019_u_gates.py": [
        counts(1024, "001", share=1.0),
        "3 6",
        counts(2048, "001"),
        counts(100, "000", share=1.0),
    ],
    "y2020_bernstein_vazirani.py": [
        "ibmqx2",
        "101 101 2048",
        "110 110 2048",
        "011 011 2048",
    ],
    "y2020_deutsch_jozsa.py": [
        counts(1024, "1111", share=1.0),
        "least busy backend:  ibm",
        "job has successfully run",
        counts(1024, "1111", share=0.3),
        "1111",
    ],
    "y2020_documented_errors.py": [
        "1 QiskitBackendNotFoundError",
        "2 QiskitBackendNotFoundError",
        "3 IBMQError",
        "4 IBMQBackendApiError",
        "5 IBMQBackendValueError",
        "6 True",
        "True",
        "7 in time",
        "8 True",
        "9 True",
    ],
    "y2020_grover_two_qubits.py": ["job has successfully run", counts(1024, "11", share=0.6)],
    "y2020_jobs_of_a_device.py": [
        r"True nightly_0 \['nightly', 'n0'\]",
        "job has successfully run",
        "True DONE job has successfully run",
        "None None None",
        "nightly_2 True True",
        "nightly_0 True True",
        "True",
        r"\['nightly_1'\]",
        r"\['nightly_0', 'nightly_2'\]",
        counts(100, "1"),
        "True ibmq_athens False",
        r"last one \['kept', 'n2', 'nightly'\]",
        "True True True",
        "'COMPLETED'.*'CREATING'",
        r"ibmq_athens \[\]",
    ],
    "y2020_many_jobs.py": [
        "3 foo",
        "True",
        "0 1 0 1 0 1 0",
        "True",
        "True",
        "True",
        "7",
    ],
    "y2020_noise_model.py": [
        "True",
        "'cx'",
        r"\[3, 3, 3, 3, 3\]",
        "True",
        counts(2000, "000", "111"),
        counts(2000, "000", "111"),
        counts(2000, "000", "111"),
    ],
    "y2020_other_providers.py": [
        "hub='ibm-q'",
        "hub='ibm-q-education', group='uni-example-1', project='qc-course'",
        "ibm-q-education uni-example-1 qc-course",
        "ibmq_rome ibmq_rome ibmq_rome",
        "True",
        "ibm-q True",
        "ibm-q-education True",
        "main",
        "ibm-q-internal deployed",
        "True",
        "IBMQNotAuthorizedError",
    ],
    "y2020_parallel_transpile.py": ["6 True", r"(\('ibmq_bogota', True\)[, ]*){3}"],
    "y2020_plots.py": [*(f"{number} Figure" for number in range(11)), "q_0.*H"],
    "y2020_pulse_schedules.py": [
        r"Sampling time: 0\.2222",
        r"frequency of 4\.97 GHz",
        "5 PULSE",
        "True builder",
        "True True",
        "True True",
    ],
    "y2020_queue_loop.py": ["ibm_lagos 0 active", "True", counts(256, *BELL)],
    "y2020_readout_mitigation.py": [
        r"\(4, 4\) True",
        "fidelity plausible: True",
        counts(4000, *BELL),
        "better: True",
        "4000",
    ],
    "y2020_tomography_by_hand.py": ["fidelity plausible: True"],
    "y2021_aer_simulator.py": [
        "ibmq_jakarta True",
        "ibmq_guadalupe True",
        r"\[0, 1\]",
        "5",
    ],
    "y2021_calibration_table.py": [
        r"\(7, 7\) True",
        "True ibmq_casablanca",
        "True",
        r"gate_error \[\] \[\]",
        "32 Falcon",
        "2020 8192 900",
        "True",
        "gate_error.*True",
    ],
    "y2021_copies_and_pickles.py": [
        "True True",
        "value",
        "ibmq_lima",
        "ibmq_lima ibmq_lima 5",
        "ibmq_lima",
        "ibmq_lima True",
        "ibmq_lima 5",
        "IBMQBackend True",
        r"ibmq_lima and <IBMQBackend\('ibmq_lima'\)",
        "False True True",
    ],
    "y2021_grover_class.py": ["11 True"],
    "y2021_layouts_and_routing.py": [
        "trivial True 20",
        "dense True 20",
        "noise_adaptive True 20",
        "sabre True 20",
        "20",
        "20",
        "1000 True",
    ],
    "y2021_list_of_circuits.py": [
        counts(1000, "1", place=1),
        "True",
        r"\{'prepared': 1\} 1000 7",
        r"\['zero', 'one'\] 1000",
        counts(1000, place=0),
        "4000",
        "True",
    ],
    "y2021_opflow_sampler.py": ["True True"],
    "y2021_quantum_instance.py": ["ibmq_belem False", "True True"],
    "y2021_run_options.py": ["4000 False", "321 321", "no such option", "50", "True 1 8192"],
    "y2021_scheduling_passes.py": ["True", "True dt", "True", counts(400, "1")],
    "y2021_superdense_manager_names.py": [
        "True True",
        "True False",
        "True True",
        "True COMPLETED",
        "0.0",
    ],
    "y2021_wait_with_callback.py": [
        *(["True True False False"] * 4),
        "True",
        counts(1200, "0", "1", share=1.0),
        "cancelled|too late to cancel",
    ],
    "y2022_backend_v2.py": [
        "ibm_lagos 7",
        "True",
        "True",
        counts(1024, *BELL),
        "7",
    ],
    "y2022_cloud_simulators.py": [
        *(
            rf"{name} \['000000', '111111'\] 500 True"
            for name in (
                "ibmq_qasm_simulator",
                "simulator_statevector",
                "simulator_mps",
                "simulator_stabilizer",
                "simulator_extended_stabilizer",
            )
        )
    ],
    "y2022_dates.py": ["True", "True True", "True", r"\[\]", "True", "True True", "True"],
    "y2022_primitives.py": ["0 3", "True"],
    "y2022_runtime_or_not.py": [
        "backend True",
        "runtime not offered",
        "experiment not offered",
        "teapot unknown",
        "runtime: not authorized",
        "experiment: not authorized",
    ],
    "y2022_smallest_free_device.py": [
        "True True",
        r"\[<IBMQBackend\('ibmq_lima'\).*\] \[\]",
        "True",
        "32",
        "True",
        r"True \[\]",
        r"\['backend'\] False",
        r"\['ibmq_lima'\]",
    ],
    "y2023_new_package_first.py": [counts(1024, *BELL, share=0.6), "10"],
    "y2023_thermal_noise.py": ["11111 11111 500"],
    "y2023_volume_and_ghz.py": [
        "ibmq_montreal 27 27",
        "ibm_cairo 27 27",
        "ibmq_toronto 27 27",
        "ibmq_mumbai 27 27",
        "ibm_hanoi 27 27",
        "512",
    ],
}
