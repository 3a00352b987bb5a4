"""The rules of all descriptions: operations are described completely, examples are valid."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

from tests.support.descriptions import (
    DESCRIBED,
    DOCUMENTS,
    NAMES,
    Described,
    Problems,
    examples_of,
    resolved,
)

# Each operation of a service can meet these.
COMMON_STATUSES = {"429", "500", "503"}
BOUNDS = {"maxItems", "maxLength", "maximum", "minimum", "pattern"}


def bodies_of(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for reply in operation["responses"].values():
        yield from reply.get("content", {}).values()


def errors_of(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {s: reply for s, reply in operation["responses"].items() if not s.startswith("2")}


def declared_sources(document: dict[str, Any]) -> set[str]:
    lines = document["info"]["description"].splitlines()
    heads = [line.split(":")[0] for line in lines if line.startswith("- `")]
    return {name for head in heads for name in head.split("`")[1::2]}


def test_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.0.3"
    assert [error.message for error in OpenAPIV30SpecValidator(document).iter_errors()] == []


def test_every_description_is_checked(root: Path) -> None:
    files = {path.stem for path in (root / "spec").glob("*.yaml")} - {"generator"}
    assert files == set(NAMES)


def test_operation_has_description_and_sources(described: Described) -> None:
    operation = described.operation
    assert operation["summary"]
    assert operation["description"]
    assert operation["x-source"]
    assert set(operation["x-source"]) <= declared_sources(DOCUMENTS[described.name])


def test_every_declared_source_is_used(document: dict[str, Any]) -> None:
    [name] = [name for name, other in DOCUMENTS.items() if other is document]
    used = {source for one in DESCRIBED if one.name == name for source in one.operation["x-source"]}
    # Error codes have a source of their own, which no operation names.
    assert declared_sources(document) - used <= {"published codes"}


def test_only_creation_is_unsafe_to_repeat(described: Described) -> None:
    creates = described.operation["operationId"] in ("createJob", "createSession")
    assert described.operation["x-retry-safe"] is not creates


def test_parameters_are_described_and_bounded(described: Described) -> None:
    for parameter in described.operation["parameters"]:
        assert parameter["description"], parameter["name"]
        assert examples_of(parameter), parameter["name"]
        schema = resolved(DOCUMENTS[described.name], parameter["schema"])
        assert schema["type"] == "boolean" or schema.keys() & BOUNDS, parameter["name"]
        # The bindings send a default of the description with every request.
        assert "default" not in schema or schema["minimum"] == schema["maximum"]


def test_common_errors_are_described(described: Described) -> None:
    errors = errors_of(described.operation)
    assert errors.keys() >= COMMON_STATUSES
    if described.operation["security"]:
        assert {"401", "403"} & errors.keys() or described.operation["tags"] == ["storage"]
    for status, reply in errors.items():
        assert isinstance(reply["x-codes"], list), status
        assert reply["description"], status


def test_each_service_has_one_error_schema(described: Described) -> None:
    shapes = {
        ref
        for reply in errors_of(described.operation).values()
        for body in reply.get("content", {}).values()
        for ref in body["schema"].values()
    }
    name = {
        "classic": "ErrorEnvelope",
        "platform": "ErrorReply",
        "cloud": "TokenError" if described.operation["tags"] == ["iam"] else "LookupFailure",
    }[described.name]
    expected = {f"#/components/schemas/{name}"}
    assert shapes == (set() if described.operation["tags"] == ["storage"] else expected)


def test_success_replies_have_an_example(described: Described) -> None:
    replies = [r for s, r in described.operation["responses"].items() if s.startswith("2")]
    assert replies
    for reply in replies:
        for body in reply.get("content", {}).values():
            assert examples_of(body)


def test_examples_fit_their_schemas(described: Described, problems_in: dict[str, Problems]) -> None:
    problems = problems_in[described.name]
    carriers = [*described.operation["parameters"], *bodies_of(described.operation)]
    assert carriers
    for carrier in carriers:
        for example in examples_of(carrier):
            assert problems(carrier["schema"], example) == []
            if "x-content-schema" in carrier:
                inner = {"$ref": carrier["x-content-schema"]}
                assert problems(inner, json.loads(example)) == []


def test_no_reply_field_or_parameter_is_an_enumeration(document: dict[str, Any]) -> None:
    # A word that the service adds one day must not break a client made from the description.
    def enumerations(value: Any, place: str) -> Iterator[str]:
        if isinstance(value, dict):
            if value.get("enum", [None]) != [None]:
                yield place
            for key, inner in value.items():
                yield from enumerations(inner, f"{place}/{key}")
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                yield from enumerations(inner, f"{place}/{index}")

    assert list(enumerations(document["paths"], "#/paths")) == []
    free = {"TypedResults", "TypedPubResult", "TypedDataBin", "OtherTypedResults"}
    found = {
        place.split("/")[3]
        for place in enumerations(document["components"]["schemas"], "#/components/schemas")
    }
    assert found <= free


def test_every_component_is_used(document: dict[str, Any]) -> None:
    text = yaml.safe_dump(document, width=10000)
    for kind, parts in document["components"].items():
        for name in parts if kind != "securitySchemes" else ():
            assert f"#/components/{kind}/{name}" in text, f"{kind}/{name} serves nothing"


def test_file_is_plain_yaml_without_dates_or_numbers_as_ids(document: dict[str, Any]) -> None:
    # An unquoted id or time would be another type for the next reader of the file.
    assert json.loads(json.dumps(document["paths"])) == document["paths"]


def test_descriptions_in_flow_style_are_quoted(document: dict[str, Any]) -> None:
    # `{description: One, two}` silently makes a second key.
    def unquoted(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (str(key) for key, inner in value.items() if inner is None and " " in key)
            for inner in value.values():
                yield from unquoted(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from unquoted(inner)

    assert list(unquoted(document["components"])) == []
