"""Converts results of ``sampler`` to a Qiskit ``Result`` document."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from attrs import frozen

from ibmq_backend._http.json_text import read_json
from ibmq_backend.api.sampler.programs import CircuitPlan, JobPlan
from ibmq_backend.api.sampler.registers import Register, in_order
from ibmq_backend.api.sampler.typed_json import BitArray, DataBin, decode
from ibmq_backend.records import Document
from ibmq_backend.units import format_time

_SMALL_BITS: Final = 63


@frozen
class JobFacts:
    """The data of a job that its result repeats.

    Attributes:
        job_id: the id of the job.
        backend_name: the name of the backend.
        backend_version: the version of the backend.
        finished: the time at which the job ended, ``None`` if not known.
        seconds: the time on the device, ``None`` if not known.
    """

    job_id: str
    backend_name: str
    backend_version: str
    finished: datetime | None = None
    seconds: float | None = None


def read_text(text: bytes) -> Any:
    """Return the JSON value of a results body in UTF-8.

    The body may also be JSON text within JSON text, and may contain ``Infinity`` and ``NaN``.

    Raises:
        ValueError: the text is not JSON.
    """
    value = read_json(text)
    return read_json(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else value


def result_document(value: Any, plan: JobPlan, facts: JobFacts) -> Document:
    """Return the result of a job in the form of ``qiskit.result.Result.from_dict``.

    Args:
        value: the plain or typed results.
        plan: what is needed to read them.
        facts: the data of the job.

    Returns:
        A document with counts by hexadecimal text, in which memory slot 0 is the lowest bit, and
        with ``memory`` if the plan requests it. It shares nothing with the plan.

    Raises:
        ValueError, TypeError, KeyError: the results are not in the documented form.
    """
    whole = decode(value)
    pubs = _pub_results(whole)
    entries: list[dict[str, Any]] = []
    for index, pub in enumerate(pubs):
        known = (
            plan.circuits[index]
            if index < len(plan.circuits)
            else CircuitPlan(None, {"name": f"circuit-{index}"}, None)
        )
        for entry in _entries(pub, known, plan):
            metadata = pub.get("metadata")
            if metadata:
                entry["metadata"] = _plain(metadata)
            entries.append(entry)
    document: dict[str, Any] = {
        "backend_name": facts.backend_name,
        "backend_version": facts.backend_version,
        "qobj_id": plan.qobj_id or facts.job_id,
        "job_id": facts.job_id,
        "success": True,
        "status": "COMPLETED",
        "header": copy.deepcopy(dict(plan.header)),
        "results": entries,
        "metadata": _plain(whole.get("metadata") or {}),
    }
    if facts.finished is not None:
        document["date"] = format_time(facts.finished)
    if facts.seconds is not None:
        document["time_taken"] = facts.seconds
    return document


def last_error(body: bytes) -> str | None:
    """Return the last traceback in the results body of a failed job; ``None`` if there is none."""
    text = body.decode()
    start = text.rfind("Traceback")
    return text[start:].strip() if start >= 0 else None


def _pub_results(whole: Any) -> list[Mapping[str, Any]]:
    if not isinstance(whole, Mapping):
        raise TypeError(f"the results are {type(whole).__name__}, not an object")
    pubs = whole.get("results", whole.get("pub_results"))
    if not isinstance(pubs, list) or not all(isinstance(pub, Mapping) for pub in pubs):
        raise KeyError("results")
    return pubs


def _entries(pub: Mapping[str, Any], known: CircuitPlan, plan: JobPlan) -> Iterator[dict[str, Any]]:
    data = pub["data"]
    fields = data.fields if isinstance(data, DataBin) else data
    if not isinstance(fields, Mapping):
        raise TypeError(f"the data is {type(fields).__name__}, not an object")
    # The input of a private job, which would tell the level, is not returned.
    if plan.level != 2 or (fields and all(map(np.iscomplexobj, fields.values()))):
        yield _signals(fields, known, plan)
        return
    declared = [each.name for each in known.registers or ()]
    if declared and fields.keys() >= set(declared):
        fields = {name: fields[name] for name in declared}  # others are new to this version
    columns = {name: _shots_of(field) for name, field in fields.items()}
    registers = _registers(columns, known)
    sweeps = max((len(values) for values, _ in columns.values()), default=1)
    for sweep in range(sweeps):
        shots = {
            name: values[sweep] if sweep < len(values) else []
            for name, (values, _) in columns.items()
        }
        yield _entry(shots, registers, known, plan)


def _shots_of(field: Any) -> tuple[list[list[int]], int]:
    """Return the values of the shots for each set of parameters, and the size of the register."""
    if isinstance(field, BitArray):
        values = field.values()
        return values.reshape(-1, values.shape[-1]).tolist(), field.num_bits
    samples, size = field["samples"], int(field["num_bits"])
    if samples and isinstance(samples[0], list):
        return [_numbers(part) for part in _flat_lists(samples)], size
    return [_numbers(samples)], size


def _flat_lists(samples: Sequence[Any]) -> Iterator[Sequence[str]]:
    for part in samples:
        if part and isinstance(part[0], list):
            yield from _flat_lists(part)
        else:
            yield part


def _numbers(samples: Sequence[str]) -> list[int]:
    numbers = {sample: int(sample, 16) for sample in set(samples)}
    return [numbers[sample] for sample in samples]


def _registers(
    columns: Mapping[str, tuple[list[list[int]], int]], known: CircuitPlan
) -> Sequence[Register]:
    """Return the registers in the order of declaration or else of the data."""
    if known.registers is not None and {each.name for each in known.registers} == set(columns):
        return known.registers
    return in_order((name, size) for name, (_, size) in columns.items())


def _entry(
    shots: Mapping[str, list[int]],
    registers: Sequence[Register],
    known: CircuitPlan,
    plan: JobPlan,
) -> dict[str, Any]:
    values = _joined(shots, registers)
    count = len(values) if registers else (known.shots or 0)
    counts = Counter(values)
    texts = {value: hex(value) for value in sorted(counts)}
    data: dict[str, Any] = {"counts": {text: counts[value] for value, text in texts.items()}}
    if plan.memory:
        data["memory"] = [texts[value] for value in values]  # equal texts are one object
    return {
        "shots": count,
        "success": True,
        "status": "DONE",
        "meas_level": 2,
        "data": data,
        "header": _header(known, registers),
    }


def _joined(shots: Mapping[str, list[int]], registers: Sequence[Register]) -> list[int]:
    """Return the memory of each shot, which combines the values of the registers."""
    if not registers:
        return []
    if len(registers) == 1:
        return shots[registers[0].name]
    columns = [shots[register.name] for register in registers]
    if len({len(column) for column in columns}) != 1:
        raise ValueError("the registers have different numbers of shots")
    if registers[-1].offset + registers[-1].size <= _SMALL_BITS:
        total = np.zeros(len(columns[0]), dtype=np.int64)
        for register, column in zip(registers, columns, strict=True):
            total |= np.asarray(column, dtype=np.int64) << register.offset
        return total.tolist()
    return [
        sum(value << register.offset for register, value in zip(registers, row, strict=True))
        for row in zip(*columns, strict=True)
    ]


def _header(known: CircuitPlan, registers: Sequence[Register]) -> dict[str, Any]:
    header = copy.deepcopy(dict(known.header))
    width = sum(register.size for register in registers)
    if "creg_sizes" not in header:
        header["creg_sizes"] = [[register.name, register.size] for register in registers]
    header["memory_slots"] = max(int(header.get("memory_slots") or 0), width)
    return header


def _signals(fields: Mapping[str, Any], known: CircuitPlan, plan: JobPlan) -> dict[str, Any]:
    """Return an entry of measurement level 1 with pairs of real and imaginary parts."""
    order = [each.name for each in known.registers or () if each.name in fields] or list(fields)
    parts = [np.asarray(fields[name], dtype=complex) for name in order]
    joined = np.concatenate(parts, axis=-1) if parts else np.zeros((0,), dtype=complex)
    pairs = np.stack([joined.real, joined.imag], axis=-1)
    averaged = plan.averaged or joined.ndim == 1
    return {
        "shots": known.shots or (0 if averaged else len(joined)),
        "success": True,
        "status": "DONE",
        "meas_level": 1,
        "meas_return": "avg" if averaged else "single",
        "data": {"memory": pairs.tolist()},
        "header": copy.deepcopy(dict(known.header)),
    }


def _plain(value: Any) -> Any:
    """Return metadata in JSON types."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, BitArray | DataBin | complex):
        return str(value)
    return value
