"""The lines that the programs of 2022 print."""

from tests.corpus.expectations.checks import BELL, Check, counts

EXPECTED: dict[str, list[Check]] = {
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
    "y2022_delays.py": ["decays True 1/e True", "ERROR True"],
    "y2022_error_codes.py": [
        r"conditional \('ERROR', '8013'\)",
        "nothing measured ERROR True",
        "not a gate of the device ERROR True",
        r"good \('DONE', None\)",
    ],
    "y2022_input_allowed.py": ["True True True", "7 True", counts(1000, *BELL)],
    "y2022_numpy_arguments.py": [
        counts(200, "1"),
        r"0\.5",
        counts(300, "0", index=0),
        counts(400, "1", share=1.0),
        r"\[0, 200\] 2",
        "True 2",
    ],
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
    "y2022_twenty_thousand_shots.py": [
        counts(20000, *BELL),
        counts(100000, *BELL, share=1.0),
        counts(20000, *BELL),
        counts(100000, *BELL),
    ],
}
