"""The lines that the programs of 2023 print."""

from tests.corpus.expectations.checks import BELL, Check, counts

EXPECTED: dict[str, list[Check]] = {
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
