"""Converts values of Python programs to JSON types, and unread fields of replies."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final

from attrs import fields

from ibmq_backend.exceptions import ApiInputError
from ibmq_backend.records import Document

_MAX_LEVELS: Final = 100
"""Limit of nested lists and dictionaries; reading a result needs several frames for each level."""

_MAX_SHOWN_CHARACTERS: Final = 200

_HOLDERS: Final = frozenset({dict, list})


def plain_qobj(document: Document) -> dict[str, Any]:
    """Return a Qobj document in the types of JSON; the given one is not changed.

    Values are converted as in :func:`plain_json`. Only headers may contain ``NaN`` and infinity.

    Raises:
        ApiInputError: a value cannot be converted; the message names the circuit and the key.
    """
    return {
        name: [_plain_experiment(each, index) for index, each in enumerate(part)]
        if name == "experiments"
        else plain_json(part, f"The Qobj: {name}", finite=name != "header")
        for name, part in document.items()
    }


def _plain_experiment(experiment: Mapping[str, Any], index: int) -> dict[str, Any]:
    label = (experiment.get("header") or {}).get("name", "unnamed")
    return {
        name: plain_json(part, f"Circuit {index} ({label!r}): {name}", finite=name != "header")
        for name, part in experiment.items()
    }


def plain_json(value: Any, where: str, *, finite: bool = False) -> Any:
    """Return a value in the types of JSON, with what can be changed copied.

    Complex numbers become ``[re, im]``, arrays, tuples and sets become lists, and parameter
    expressions without free parameters become numbers. Keys that JSON does not have become their
    ``str()``; of keys with the same text the last one is kept. ``NaN`` and infinity are numbers of
    Python's JSON.

    Args:
        value: the value.
        where: name of the value, for messages.
        finite: whether to refuse ``NaN`` and infinity.

    Raises:
        ApiInputError: a value cannot be converted; the message names it.

    Source: the encoder of qiskit-ibmq-provider 0.20.2, which refuses sets, and other keys inside
    tuples.
    """
    try:
        plain = _plain(value, where, finite)
        is_too_deep = _is_deeper(plain, _MAX_LEVELS)
    except RecursionError:
        is_too_deep = True
    if is_too_deep:
        raise ApiInputError(
            f"{where} is nested too deeply, or contains itself. Use at most {_MAX_LEVELS} levels "
            "of lists and dictionaries."
        )
    return plain


def _plain(value: Any, where: str, finite: bool) -> Any:
    with suppress(Exception):  # of any kind, since objects of the user convert themselves
        return json.loads(json.dumps(value, default=_plain_value, allow_nan=not finite))
    return _walk(value, where, finite)


def _is_deeper(plain: Any, levels: int) -> bool:
    level = [plain] if type(plain) in _HOLDERS else []
    for _ in range(levels):
        if not level:
            return False
        level = [
            inner
            for holder in level
            for inner in (holder.values() if type(holder) is dict else holder)
            if type(inner) in _HOLDERS
        ]
    return any(level)


def _walk(value: Any, where: str, finite: bool) -> Any:
    if isinstance(value, dict):
        return {
            _key(key): _walk(each, f"{where}[{_shown(key)}]", finite) for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_walk(each, f"{where}[{index}]", finite) for index, each in enumerate(value)]
    if isinstance(value, float) and finite and not math.isfinite(value):
        raise ApiInputError(f"{where} is {value}. Use a finite number.")
    try:
        if value is None or isinstance(value, str | int | float):
            return json.loads(json.dumps(value))
        simpler = _plain_value(value)
    except RecursionError:
        raise
    except Exception as error:
        raise ApiInputError(
            f"{where} is of type {type(value).__name__!r}, which has no JSON form. Use text, "
            "numbers, lists or dictionaries, for example str(value)."
        ) from error
    return _walk(simpler, where, finite)


def _key(key: Any) -> str:
    """Return the key that JSON has for a key of a dictionary."""
    if isinstance(key, str):
        return str.__str__(key)  # the text of an Enum, too
    if key is None or isinstance(key, bool | int | float):
        return str(json.dumps(key))
    return str(key)


def _shown(key: object) -> str:
    text = repr(key)
    limit = _MAX_SHOWN_CHARACTERS
    return text if len(text) <= limit else f"{text[:limit]}..."


def _plain_value(value: Any) -> Any:
    """Convert a value to a simpler type, for ``json.dumps(default=)``.

    Raises:
        TypeError: JSON has no form for values of this type.
    """
    if isinstance(value, complex):
        return [value.real, value.imag]
    if hasattr(value, "tolist"):  # numpy arrays and scalars
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(value, "parameters") and not value.parameters:
        number = complex(value)
        return number.real if number.imag == 0.0 else [number.real, number.imag]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def unmapped(model: Any, mapped: frozenset[str]) -> dict[str, Any]:
    """Return the fields of a reply that have no attribute in the record, as JSON.

    Args:
        model: the reply, a model of the bindings.
        mapped: the names of the fields to leave out.

    Returns:
        The fields of the specification by their Python names, and all undocumented fields.
    """
    found: dict[str, Any] = dict(model.additional_properties)
    for name, absent in _defaults(model.__class__, mapped):
        value = getattr(model, name)
        if value is not absent:
            found[name] = value.to_dict() if hasattr(value, "to_dict") else value
    return found


@cache
def _defaults(kind: type[Any], mapped: frozenset[str]) -> list[tuple[str, object]]:
    """Return the fields of a model that are not mapped, each with its value when it is absent."""
    return [
        (field.name, field.default)
        for field in fields(kind)
        if field.init and field.name not in mapped
    ]
