"""Template overlays on a small description: open enumerations, nulls, types of replies."""

import asyncio
import importlib
import json
import os
import pickle
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import httpx
import pytest

SMALL_SPEC = {
    "openapi": "3.0.3",
    "info": {"title": "small", "version": "1"},
    "paths": {
        "/thing": {
            "get": {
                "operationId": "getThing",
                "tags": ["things"],
                "responses": {
                    "200": {
                        "description": "A thing.",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                        },
                    },
                    "404": {
                        "description": "None.",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}
                        },
                    },
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Refusal": {"type": "object", "properties": {"message": {"type": "string"}}},
            "State": {"type": "string", "enum": ["Queued", "Running"]},
            "Thing": {
                "type": "object",
                "required": ["state"],
                "properties": {
                    "state": {"$ref": "#/components/schemas/State"},
                    "size": {"type": "integer"},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                    "note": {"type": "string", "nullable": True},
                    "free": {},
                },
            },
        }
    },
}


@pytest.fixture(scope="module")
def models(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Models of a small description, generated with the project's templates."""
    tmp_path = tmp_path_factory.mktemp("small")
    description = tmp_path / "small.json"
    description.write_text(json.dumps(SMALL_SPEC), encoding="utf-8")
    scripts = sysconfig.get_path("scripts")
    subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", str(description), "--output-path", str(tmp_path / "small_bindings")),
            *("--config", str(root / "spec/generator.yaml"), "--fail-on-warning"),
            *("--custom-template-path", str(root / "spec/templates")),
        ],
        env={**os.environ, "PATH": os.pathsep.join([scripts, os.environ["PATH"]])},
        check=True,
        capture_output=True,
        timeout=120,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        yield importlib.import_module("small_bindings.models")
    for name in [name for name in sys.modules if name.split(".")[0] == "small_bindings"]:
        del sys.modules[name]


def test_unknown_enumeration_value_is_kept(models: ModuleType) -> None:
    thing = models.Thing.from_dict({"state": "Paused"})
    assert thing.state == "Paused"
    assert thing.state.name == "UNKNOWN"
    assert thing.to_dict() == {"state": "Paused"}
    assert pickle.loads(pickle.dumps(thing.state)) == "Paused"
    assert models.Thing.from_dict({"state": "Queued"}).state is models.State.QUEUED
    assert list(models.State) == ["Queued", "Running"]
    with pytest.raises(ValueError):
        models.State(7)


def test_null_counts_as_missing_unless_it_is_described(models: ModuleType) -> None:
    nulls = dict.fromkeys(["size", "parts", "note", "free", "unknown"])
    thing = models.Thing.from_dict({"state": "Queued", **nulls})
    unset = importlib.import_module("small_bindings.types").UNSET
    assert thing.size is thing.parts is unset
    assert thing.note is thing.free is None
    assert thing.to_dict() == {"state": "Queued", "note": None, "free": None, "unknown": None}
    with pytest.raises(TypeError):
        models.Thing.from_dict({"state": "Queued", "parts": 7})


def test_type_of_a_reply_is_that_of_its_success(models: ModuleType) -> None:
    operation = importlib.import_module("small_bindings.api.things.get_thing")
    client = importlib.import_module("small_bindings").Client("http://service.test")
    hints = get_type_hints(operation.sync_detailed)
    types = importlib.import_module("small_bindings.types")
    assert hints["return"] == types.Response[models.Thing, models.Refusal]
    thing, refusal = {"state": "Queued"}, {"message": "no"}
    replies = {200: thing, 201: thing, 202: thing, 302: thing, 404: refusal, 418: refusal}
    for status, body in replies.items():
        answer = httpx.Response(status, json=body)
        transport = httpx.MockTransport(lambda _, answer=answer: answer)
        client.set_httpx_client(httpx.Client(base_url="http://service.test", transport=transport))
        reply = operation.sync_detailed(client=client)
        assert isinstance(reply.parsed, models.Thing) is (status < 300)
        assert isinstance(reply.error, models.Refusal) is (status == 404)


def test_asynchronous_requests_are_those_of_synchronous_ones(models: ModuleType) -> None:
    operation = importlib.import_module("small_bindings.api.things.get_thing")
    bindings = importlib.import_module("small_bindings")
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"state": "Queued"})

    client = bindings.AuthenticatedClient(
        "http://service.test",
        token="secret",
        headers={"Service-CRN": "crn"},
        httpx_args={"transport": httpx.MockTransport(answer)},
    )

    async def read() -> Any:
        async with client:
            return await operation.asyncio_detailed(client=client)

    reply, same = operation.sync_detailed(client=client), asyncio.run(read())
    assert reply == same
    assert same.parsed.state is models.State.QUEUED
    first, second = ((one.method, one.url, one.headers) for one in sent)
    assert first == second
    assert sent[1].headers["authorization"] == "Bearer secret"
    assert sent[1].headers["service-crn"] == "crn"
    assert get_type_hints(operation.sync_detailed) == get_type_hints(operation.asyncio_detailed)


def test_a_list_keeps_what_does_not_fit_as_it_came(models: ModuleType) -> None:
    parts = [{"state": "Queued"}, None, {"size": 1}, "text", {"state": "Running"}]
    found = models.Thing.from_dict({"state": "Queued", "parts": parts}).parts
    assert [isinstance(part, models.Thing) for part in found] == [True, False, False, False, True]
    assert found[1:4] == parts[1:4]
