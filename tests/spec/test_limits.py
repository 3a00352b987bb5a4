"""Every limit of the generator is reported, and the generator still has it."""

import copy
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts._regenerate.limits import LIMITS, limits_met

STRING = {"type": "string"}
Document = dict[str, Any]


def document(**schemas: Any) -> Document:
    """Return a description of one operation that returns a Thing."""
    operation = {
        "operationId": "getThing",
        "tags": ["things"],
        "security": [],
        "responses": {
            "200": {
                "description": "A thing.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
            }
        },
    }
    plain = {"type": "object", "properties": {"word": STRING}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "small", "version": "1"},
        "paths": {"/thing": {"post": operation}},
        "components": {"schemas": {"Thing": plain, **schemas}},
    }


def operation(**parts: Any) -> Document:
    made = document()
    made["paths"]["/thing"]["post"].update(parts)
    return made


def parameter(schema: Mapping[str, Any] | None = None, **parts: Any) -> Document:
    entry: dict[str, Any] = {"name": "q", "in": "query", **parts}
    if schema is not None:
        entry["schema"] = schema
    return operation(parameters=[entry])


def media(media_type: str, *, request: bool) -> Document:
    content = {media_type: {"schema": STRING}}
    if request:
        return operation(requestBody={"content": content})
    return operation(responses={"200": {"description": "Text.", "content": content}})


def thing(**properties: Any) -> Document:
    return document(Thing={"type": "object", "properties": properties})


def titled() -> Document:
    inner = {"type": "object", "title": "Part", "properties": {"word": STRING}}
    other = {"type": "object", "title": "Part", "properties": {"number": {"type": "number"}}}
    return thing(a=inner, b=other)


def with_variants() -> Document:
    variant = {"type": "object", "properties": {"kind": STRING}}
    return document(
        Thing={
            "oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
            "discriminator": {
                "propertyName": "kind",
                "mapping": {"a": "#/components/schemas/A", "b": "#/components/schemas/B"},
            },
        },
        A=variant,
        B=copy.deepcopy(variant),
    )


def with_key_in_query() -> Document:
    made = operation(security=[{"key": []}])
    made["components"]["securitySchemes"] = {"key": {"type": "apiKey", "in": "query", "name": "k"}}
    return made


CASES: dict[str, Document] = {
    "parameter content": parameter(content={"application/json": {"schema": {"type": "object"}}}),
    "parameter style": parameter({"type": "array", "items": STRING}, explode=False),
    "parameter default": parameter({"type": "integer", "default": 200}),
    "cookie parameter": operation(parameters=[{"name": "q", "in": "cookie", "schema": STRING}]),
    "request media type": media("text/plain", request=True),
    "response media type": media("image/png", request=False),
    "event stream": media("text/event-stream", request=False),
    "key in query or cookie": with_key_in_query(),
    "shadowed name": thing(to_dict=STRING),
    "discriminator": with_variants(),
    "enum names": thing(word={"type": "string", "enum": ["a-b", "a_b"]}),
    "enum types": thing(word={"enum": ["a", 1]}),
    "integer enum": thing(level={"type": "integer", "enum": [0, 1]}),
    "recursive items": document(
        Thing={"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    ),
    "date format": thing(moment={"type": "string", "format": "date-time"}),
    "property default": thing(count={"type": "integer", "default": 3}),
    "repeated title": titled(),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limit_is_reported_with_location_and_alternative(name: str) -> None:
    ((place, reason),) = limits_met(CASES[name])
    assert place[0] in ("paths", "components")
    assert reason == f"{name}: {LIMITS[name]}"
    assert ";" in LIMITS[name]


def test_supported_descriptions_report_no_limit() -> None:
    made = parameter({"type": "array", "items": STRING})
    made["components"]["schemas"]["Thing"] = {
        "type": "object",
        "properties": {
            "again": {"$ref": "#/components/schemas/Thing"},
            "word": {"type": "string", "enum": ["a-b", "a-c"]},
            "to_dicts": STRING,
        },
    }
    assert list(limits_met(made)) == []


def test_schemas_without_bindings_have_no_limits() -> None:
    made = thing(free={"x-schema": "#/components/schemas/Free"})
    made["components"]["schemas"]["Free"] = thing(to_dict=STRING)["components"]["schemas"]["Thing"]
    assert list(limits_met(made)) == []


def test_variants_with_distinct_values_report_no_limit() -> None:
    made = with_variants()
    for name in ("A", "B"):
        made["components"]["schemas"][name]["properties"]["kind"] = {
            "type": "string",
            "enum": [name.lower()],
        }
    assert list(limits_met(made)) == []


REFUSED = {
    "request media type": "Unsupported content type text/plain",
    "response media type": "Unsupported content_type image/png",
    "enum names": "Duplicate key",
    "enum types": "<class 'int'>",
    "recursive items": "Recursive and circular references",
    "repeated title": "duplicate models",
}
# What the module of the operation or of the model has, or lacks (after a minus).
SILENT = {
    "parameter content": ("get_thing", ["-params", "-q: "]),
    "parameter style": ("get_thing", ["-join"]),
    "parameter default": ("get_thing", ["q: int | Unset = 200"]),
    "cookie parameter": ("get_thing", ['cookies["q"]', '"cookies": cookies']),
    "event stream": ("get_thing", ["response.text", "-iter_"]),
    "key in query or cookie": ("get_thing", ["client: AuthenticatedClient", "-params"]),
    "shadowed name": ("thing", ["to_dict: str | Unset", "def to_dict"]),
    "discriminator": ("get_thing", ["A.from_dict", "B.from_dict", "-kind"]),
    "integer enum": ("thing_level", ["IntEnum", "-_missing_"]),
    "date format": ("thing", ["fromisoformat", "isoformat()"]),
    "property default": ("thing", ["count: int | Unset = 3"]),
}


def letter(name: str) -> str:
    """Return the prefix that keeps schemas and modules of the cases apart."""
    return chr(ord("E") + sorted(LIMITS).index(name))


def together(names: list[str]) -> Document:
    """Return one description of several cases, because starting the generator takes longest."""
    made = document()
    made["paths"], made["components"] = {}, {"schemas": {}, "securitySchemes": {}}
    for name in names:
        text = json.dumps(CASES[name])
        text = text.replace("Thing", f"Thing{letter(name)}").replace("/thing", f"/{letter(name)}")
        case = json.loads(text)
        made["paths"].update(case["paths"])
        for kind, entries in case["components"].items():
            made["components"][kind].update(entries)
    return made


def generate(root: Path, folder: Path, spec: Document) -> tuple[int, str, dict[str, str]]:
    """Run the generator: exit status, what it said, files by name."""
    settings, path = folder / "generator.yaml", folder / "spec.json"
    # Formatting takes most of the time and changes nothing here.
    settings.write_text(
        "use_path_prefixes_for_title_model_names: false\npost_hooks: []\n", encoding="utf-8"
    )
    path.write_text(json.dumps(spec), encoding="utf-8")
    scripts = sysconfig.get_path("scripts")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", str(path), "--output-path", str(folder / "bindings")),
            *("--config", str(settings), "--fail-on-warning"),
            *("--custom-template-path", str(root / "spec/templates")),
        ],
        env={
            **os.environ,
            "PATH": os.pathsep.join([scripts, os.environ["PATH"]]),
            "COLUMNS": "300",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    files = {path.stem: path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}
    return done.returncode, done.stdout + done.stderr, files


@pytest.fixture(scope="module")
def silent(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Modules of the cases that the generator accepts silently."""
    folder = tmp_path_factory.mktemp("silent")
    status, said, files = generate(root, folder, together([*SILENT]))
    assert status == 0, said
    return files


@pytest.fixture(scope="module")
def complaints(root: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Output of the generator for the cases that it drops or fails with."""
    told = ""
    for names in ([name for name in REFUSED if name != "enum names"], ["enum names"]):
        status, said, _ = generate(root, tmp_path_factory.mktemp("refused"), together(names))
        assert status == 1
        told += said
    return " ".join(told.replace("│", " ").split())


def test_every_limit_is_tested_with_the_generator() -> None:
    assert REFUSED.keys() | SILENT.keys() == LIMITS.keys() == CASES.keys()


@pytest.mark.parametrize("name", REFUSED)
def test_generator_still_drops_it(name: str, complaints: str) -> None:
    assert REFUSED[name] in complaints


@pytest.mark.parametrize("name", SILENT)
def test_generator_still_changes_it(name: str, silent: dict[str, str]) -> None:
    module, signs = SILENT[name]
    stem = module.replace("thing", f"thing_{letter(name).lower()}")
    for sign in signs:
        is_there = sign.removeprefix("-") in silent[stem]
        assert is_there is not sign.startswith("-"), (sign, silent[stem])
