"""Names and ids that exist, so that schemathesis gets more than 404.

Schemathesis loads this module by ``SCHEMATHESIS_HOOKS``. Generated ids never exist, so they are
replaced by known ones: those in the file ``SCHEMATHESIS_KNOWN`` and in earlier replies. Every one
is replaced until the operation has replied something else than 404, three of four afterwards.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import schemathesis
from schemathesis.core.failures import Failure

Known = dict[str, list[Any]]

KNOWN: Known = json.loads(Path(os.environ["SCHEMATHESIS_KNOWN"]).read_text(encoding="utf-8"))
"""Values that exist, by parameter; storage URLs by method."""

_GIVEN: dict[str, int] = {name: len(values) for name, values in KNOWN.items()}
"""How many values of each parameter are in the file: they are not deleted."""

_reached: set[str] = set()

_ID_OF_CREATED = {"createJob": "job_id", "createSession": "session_id"}
_METHOD_OF_URL = {
    "createJob": "PUT",
    "getJobUploadUrl": "PUT",
    "getJobDownloadUrl": "GET",
    "getResultDownloadUrl": "GET",
}
_STORAGE_OPERATIONS = ("putStoredObject", "getStoredObject")
_SESSION_MODES = ("batch", "dedicated")
_MAX_KNOWN = 20


@schemathesis.hook
def before_load_schema(_context: Any, raw_schema: dict[str, Any]) -> None:
    """Add links from operations that create something to those that use its id."""
    operations = [
        (path, item.get("parameters", []) + operation.get("parameters", []), operation)
        for path, item in raw_schema["paths"].items()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    ]
    for path, _, operation in operations:
        created = _ID_OF_CREATED.get(operation["operationId"])
        if created is None:
            continue
        shared = [name for name in ("hub", "group", "project") if f"{{{name}}}" in path]
        operation["responses"]["200"]["links"] = {
            target["operationId"]: {
                "operationId": target["operationId"],
                "parameters": {
                    created: "$response.body#/id",
                    **{name: f"$request.path.{name}" for name in shared},
                },
            }
            for target_path, _, target in operations
            if f"{{{created}}}" in target_path
        }


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Replace most generated values by known ones."""
    operation_id = _operation_id(case)
    if operation_id in _STORAGE_OPERATIONS:
        _fill_storage(case)
        return
    always = operation_id not in _reached
    for name, value in list((case.path_parameters or {}).items()):
        start = _GIVEN.get(name, 0) if operation_id.startswith("delete") else 0
        case.path_parameters[name] = _known(name, value, start=start, always=always)
    if always and case.headers is not None:
        case.headers.pop("IBM-API-Version", None)
    if isinstance(case.query, dict) and "filter" in case.query:
        case.query["filter"] = _known("filter", case.query["filter"])
    body = case.body
    if not isinstance(body, dict):
        return
    if operation_id == "exchangeToken":
        for name in ("apikey", "grant_type"):
            if name in body:
                body[name] = _known(name, body[name])
    if not operation_id.startswith("create"):
        return
    backend = body.get("backend")
    if isinstance(backend, dict) and isinstance(backend.get("name"), str):
        backend["name"] = _known("created_on", backend["name"])
    elif isinstance(backend, str):
        body["backend"] = _known("backend_name", backend)
    for name in ("program_id", "session_id", "params"):
        if name in body:
            body[name] = _known(name, body[name])


@schemathesis.hook
def after_call(_context: Any, case: Any, response: Any) -> None:
    """Remember ids and storage URLs."""
    operation_id = _operation_id(case)
    if response.status_code != 404:
        _reached.add(operation_id)
    created, method = _ID_OF_CREATED.get(operation_id), _METHOD_OF_URL.get(operation_id)
    if response.status_code != 200 or (created is None and method is None):
        return
    document = response.json()
    if created is not None:
        _remember(created, document["id"])
    storage = document.get("objectStorageInfo", {}).get("uploadUrl") or document.get("url")
    if method is not None and storage:
        _remember(method, storage)


@schemathesis.check
def replies_without_server_error(_context: Any, response: Any, case: Any) -> None:
    """Fail on 5xx replies.

    The real service replied 500 to a session with an unknown mode, and so does the emulator.
    """
    if response.status_code < 500:
        return
    body = case.body if isinstance(case.body, dict) else {}
    like_the_service = (
        _operation_id(case) == "createSession" and body.get("mode") not in _SESSION_MODES
    )
    if not like_the_service:
        raise Failure(
            operation=case.operation.label,
            title="The emulator failed",
            message=f"{response.status_code}: {response.text[:500]}",
        )


def _operation_id(case: Any) -> str:
    return str(case.operation.definition.raw.get("operationId", ""))


def _known(name: str, value: Any, *, start: int = 0, always: bool = False) -> Any:
    """Return the known value that stands for a generated one.

    Args:
        name: the parameter.
        value: its generated value.
        start: leave out the first ``start`` known values.
        always: replace every value; otherwise one of four stays.
    """
    choices = KNOWN.get(name, [])[start:]
    number = zlib.crc32(repr(value).encode("utf-8", "replace"))
    if not choices or value in choices or (number % 4 == 0 and not always):
        return value
    return choices[number // 4 % len(choices)]


def _remember(name: str, value: Any) -> None:
    listed = KNOWN.setdefault(name, [])
    if value not in listed:
        listed.append(value)
        # The first ones stay: their states are hard to reach.
        del listed[_MAX_KNOWN // 2 : len(listed) - _MAX_KNOWN // 2]


def _fill_storage(case: Any) -> None:
    generated = json.dumps([case.path_parameters, case.query], default=repr, sort_keys=True)
    address = _known(case.method.upper(), generated)
    if address == generated:
        return
    parts = urlsplit(address)
    case.path_parameters["object_name"] = parts.path.rpartition("/")[2]
    case.query = dict(parse_qsl(parts.query))
