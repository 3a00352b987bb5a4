"""Names of base classes, documents and their converters."""

from __future__ import annotations

from typing import Final

from ibmq_backend._compat.names.old_name import GoneName, OldName

_BASES: Final = "ibmq_backend._compat.old_modules.base_classes"
_DOCUMENTS: Final = "ibmq_backend._compat.old_modules.documents"
_MODELS: Final = "ibmq_backend._compat.old_modules.models"

PROVIDERS: Final[tuple[OldName, ...]] = (
    *(
        OldName(
            f"qiskit.providers.Base{kind}",
            "2018-2022",
            f"`{kind}V1`; every {kind.lower()} is an instance",
            f"{_BASES}:Base{kind}",
        )
        for kind in ("Backend", "Job", "Provider")
    ),
    *(
        OldName(f"qiskit.providers.base{kind}", "2018-2022", "`qiskit.providers`", _BASES)
        for kind in ("backend", "job", "provider")
    ),
    OldName(
        "qiskit.qobj.Qobj",
        "2018-2023",
        "`QasmQobj` and `PulseQobj`; both are instances",
        f"{_DOCUMENTS}:Qobj",
    ),
    OldName("qiskit.qobj.qobj", "2018-2020", "`qiskit.qobj`", _DOCUMENTS),
    *(
        OldName(
            f"qiskit.qobj.Qobj{part}",
            "2018-2020",
            f"`QasmQobj{part}`",
            f"qiskit.qobj:QasmQobj{part}",
        )
        for part in ("Config", "Experiment", "ExperimentConfig", "Instruction")
    ),
    OldName("qiskit.qobj.models", "2018-2020", "`qiskit.qobj`", "qiskit.qobj"),
    OldName("qiskit.qobj.models.base", "2018-2020", "`qiskit.qobj`", "qiskit.qobj"),
    OldName("qiskit.qobj.models.qasm", "2018-2020", "`qiskit.qobj`", "qiskit.qobj.qasm_qobj"),
    OldName("qiskit.qobj.models.pulse", "2018-2020", "`qiskit.qobj`", "qiskit.qobj.pulse_qobj"),
    OldName(
        "qiskit.converters.qobj_to_circuits",
        "2018-2019",
        "`qiskit.assembler.disassemble`",
        f"{_DOCUMENTS}:qobj_to_circuits",
    ),
    OldName(
        "qiskit.converters.circuits_to_qobj",
        "2018-2019",
        "`qiskit.assemble`",
        f"{_DOCUMENTS}:circuits_to_qobj",
    ),
    OldName(
        "qiskit.validation", "2018-2021", "removed; models are objects that nothing checks", _MODELS
    ),
    OldName("qiskit.validation.base", "2018-2020", "", _MODELS),
    OldName("qiskit.validation.exceptions", "2018-2020", "", _MODELS),
)
"""Base classes and documents by their old names."""

PROVIDERS_GONE: Final[tuple[GoneName, ...]] = (
    GoneName(
        "qiskit.qobj.validate_qobj_against_schema",
        "documents are no longer checked against schemas. Delete the import and the calls.",
        is_module=False,
    ),
    *(
        GoneName(
            f"qiskit.validation.{module}",
            "documents are no longer checked against schemas. Delete the import and what uses it.",
        )
        for module in ("fields", "jsonschema", "validate")
    ),
)
"""Names of documents without a substitute."""
