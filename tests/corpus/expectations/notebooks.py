"""The lines that notebooks print."""

from tests.corpus.expectations.checks import BELL, FIGURE, Check, counts

EXPECTED: dict[str, list[Check]] = {
    "nb2019_overview.ipy": ["AccountProvider", "HTML object"],
    "nb2020_dashboard.ipy": [
        "HTML object",
        "IBMQBackend",
        counts(10, "0", share=0.5),
        FIGURE,
    ],
    "nb2020_every_magic.ipy": [
        "HTML object",
        "HTML object",
        "HTML object",
        r"\['0', '1', '2', '3', '4'\]",
        r"\[1, 2\]",
        counts(1000, *BELL),
        r"VBox\(",
        "HTML object",
    ],
    "nb2020_iqx_template.ipy": ["HTML object|IBMQBackend", counts(1000, *BELL), FIGURE],
    "nb2020_status_magics.ipy": [
        r"\[1, 2, 3, 4\]",
        "Job Status",
        counts(100, "1"),
        "ibmq_armonk",
        "n_qubits: 1",
        "Qubits ",
    ],
    "nb2021_challenge_widgets.ipy": [
        "CircuitComposer",
        counts(1024, *BELL, share=1.0),
        counts(1024, *BELL),
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
}
