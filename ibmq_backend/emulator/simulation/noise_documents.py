"""Noise models in jobs: JSON documents in the form of ``NoiseModel.to_dict``."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from qiskit.exceptions import QiskitError
from qiskit_aer.noise import NoiseModel

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode

__all__ = ["read_noise_model"]

_MAX_QUBITS = 4  # of one error, for which Aer builds a matrix of 16^n numbers
_BASES = {"kraus": 2, "unitary": 2, "superop": 4}
_BROKEN_DOCUMENT = (QiskitError, KeyError, TypeError, ValueError, IndexError, AttributeError)


def read_noise_model(document: object) -> NoiseModel | None:
    """Return the noise model of a job.

    Args:
        document: ``noise_model`` of the Qobj's config. Complex numbers are pairs ``[re, im]``;
            matrices of real numbers are accepted too.

    Returns:
        The noise model, None for a missing or empty document.

    Raises:
        JobRefused: if the document is not a noise model.
    """
    if document is None or document == {}:
        return None
    if not isinstance(document, dict):
        raise JobRefused("The 'noise_model' of the job must be an object", ErrorCode.NOT_VALID)
    try:
        decoded = {**document, "errors": [_error(one) for one in document.get("errors", [])]}
        with warnings.catch_warnings():
            # Deprecated in Aer, but the documents of the service will always need it.
            warnings.simplefilter("ignore", DeprecationWarning)
            return NoiseModel.from_dict(decoded)
    except _BROKEN_DOCUMENT as error:
        raise JobRefused(
            f"The 'noise_model' of the job cannot be used: {error}", ErrorCode.NOT_VALID
        ) from error


def _error(error: dict[str, Any]) -> dict[str, Any]:
    if "instructions" not in error:
        return error
    circuits = [[_instruction(one) for one in circuit] for circuit in error["instructions"]]
    return {**error, "instructions": circuits}


def _instruction(instruction: dict[str, Any]) -> dict[str, Any]:
    if not all(0 <= qubit < _MAX_QUBITS for qubit in instruction["qubits"]):
        raise ValueError(
            f"an error acts on qubits {instruction['qubits']}; they are counted from 0, and an "
            f"error may act on at most {_MAX_QUBITS}"
        )
    base = _BASES.get(str(instruction.get("name")))
    if base is None:
        return instruction
    rows = base ** len(instruction["qubits"])
    return {**instruction, "params": [_matrix(one, rows) for one in instruction["params"]]}


def _matrix(entries: Any, rows: int) -> np.ndarray[Any, np.dtype[Any]]:
    numbers = np.asarray(entries, dtype=float)
    if numbers.shape[:2] != (rows, rows):
        raise ValueError(f"a matrix of {rows} rows is needed, one has the shape {numbers.shape}")
    if numbers.ndim == 3 and numbers.shape[2] == 2:
        return numbers[..., 0] + 1j * numbers[..., 1]
    if numbers.ndim == 2:
        return numbers.astype(complex)
    raise ValueError(f"a matrix has the shape {numbers.shape}")
