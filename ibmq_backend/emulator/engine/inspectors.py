"""The functions that inspect each kind of task, before the job is queued or for a page.

Imported by inspector processes. They need no Aer, so they start at once and stay small; those that
draw circuits load Terra with the first one.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.checks.qobj import validate
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.engine.qobj_summary import circuits_of, shots_of, summarize
from ibmq_backend.emulator.engine.result_summary import summarize_result
from ibmq_backend.emulator.engine.task import (
    DRAWINGS,
    PROGRAM_TASK,
    QOBJ_TASK,
    RESULT_TASK,
    SAMPLER_TASK,
)
from ibmq_backend.emulator.engine.task_handlers import Document, Handler, TaskHead
from ibmq_backend.emulator.sampler.errors import InvalidInput
from ibmq_backend.emulator.sampler.form import ESTIMATOR, SAMPLER, check_form, executions_of

__all__ = ["INSPECTORS", "inspect_program", "inspect_qobj"]

_log: Final = logging.getLogger(__name__)

MAX_HEADER_BYTES: Final = 65_536
MAX_ENVELOPE_CHARACTERS: Final = 1_000_000


def inspect_qobj(catalog: Catalog, head: TaskHead, qobj: Any) -> Document:
    """Check a Qobj against its device, and describe it.

    Args:
        catalog: the devices.
        head: names the device.
        qobj: the uploaded document, of any shape.

    Returns:
        ``refusal`` (``message`` and ``code``; None if the device accepts the job), ``shots`` (None
        if it states none), ``circuits`` (their number), ``summary`` (see ``summarize``; empty for a
        refused job) and ``header``: its ``header`` and ``qobj_id`` as JSON text of at most 64 kB;
        what is too large is left out.

    Raises:
        UnknownDevice: if there is no such device.
    """
    device = catalog.get(head.device)
    refusal = None
    try:
        validate(device, qobj)
    except JobRefused as error:
        refusal = {"message": error.message, "code": error.code}
    except MemoryError:
        raise
    except Exception:
        # A defect of the checks must end this job, not the service.
        _log.exception("the validation of job %s failed", head.job_id)
        refusal = {"message": "The data of the job cannot be understood", "code": ErrorCode.SCHEMA}
    return {
        "refusal": refusal,
        "shots": shots_of(qobj),
        "circuits": circuits_of(qobj),
        "summary": {} if refusal else summarize(qobj),
        "header": _header_text(qobj),
    }


def inspect_program(_catalog: Catalog | None, _head: TaskHead | None, body: Any) -> Document:
    """Separate the input of a program from the rest of a request, and check its form.

    Args:
        _catalog: not needed.
        _head: not needed.
        body: the body of ``createJob``, of any shape.

    Returns:
        ``envelope`` (the body without ``params``, as JSON text), ``params`` (their value),
        ``form_error`` (why they do not have the documented form; else None), and for a sampler or
        an estimator ``circuits``, the number of their pubs, ``shots``, the sum of their shots, and
        ``max_shots`` of one pub.

    Raises:
        JobRefused: if the body is not an object, or is too large besides ``params``.
    """
    if not isinstance(body, dict):
        raise JobRefused("The body must be a JSON object", ErrorCode.SCHEMA)
    envelope = {name: value for name, value in body.items() if name != "params"}
    text = json.dumps(envelope)
    if len(text) > MAX_ENVELOPE_CHARACTERS:
        raise JobRefused("The body contains more than 1 MB besides 'params'", ErrorCode.SCHEMA)
    params = body.get("params", {})
    program = body.get("program_id")
    form_error = None
    executions: list[int] = []
    try:
        if program in (SAMPLER, ESTIMATOR):
            check_form(program, params)
            executions = executions_of(program, params)
        elif not isinstance(params, dict):
            form_error = "'params' must be an object."
    except InvalidInput as error:
        form_error = error.message
    return {
        "envelope": text,
        "params": params,
        "form_error": form_error,
        "circuits": len(executions),
        "shots": sum(executions),
        "max_shots": max(executions, default=0),
    }


def _draw_qobj(catalog: Catalog, head: TaskHead, qobj: Any) -> Document:
    from ibmq_backend.emulator.engine.drawings import draw_qobj

    return draw_qobj(catalog, head, qobj)


def _draw_pubs(catalog: Catalog, head: TaskHead, params: Any) -> Document:
    from ibmq_backend.emulator.engine.drawings import draw_pubs

    return draw_pubs(catalog, head, params)


def _header_text(qobj: Any) -> str:
    stated = qobj if isinstance(qobj, dict) else {}
    for names in (("header", "qobj_id"), ("qobj_id",), ()):
        text = json.dumps({name: stated[name] for name in names if name in stated})
        if len(text) <= MAX_HEADER_BYTES:
            break
    return text


INSPECTORS: Final[Mapping[str, Handler]] = {
    QOBJ_TASK: Handler(inspect_qobj, lambda _: ()),
    PROGRAM_TASK: Handler(inspect_program, lambda _: ("params",), subject="The body"),
    DRAWINGS[QOBJ_TASK]: Handler(_draw_qobj, lambda _: ()),
    DRAWINGS[SAMPLER_TASK]: Handler(_draw_pubs, lambda _: ()),
    RESULT_TASK: Handler(summarize_result, lambda _: (), subject="The result"),
}
"""By kind of task."""
