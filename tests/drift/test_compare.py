"""Comparison of whole operations: parameters, bodies, statuses, headers, security, names."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from scripts._drift.compare import compare_versions
from scripts._drift.operations import Version
from scripts._drift.problems import DriftError
from tests.support.descriptions import DOCUMENTS

Edit = Callable[[dict[str, Any]], None]

SMALL: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "small", "version": "1"},
    "servers": [{"url": "https://one.test/"}],
    "paths": {
        "/things/{thing_id}": {
            "parameters": [
                {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "put": {
                "operationId": "putThing",
                "tags": ["things"],
                "x-retry-safe": True,
                "security": [{"token": []}],
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                    {"name": "X-Name", "in": "header", "schema": {"type": "string"}},
                    {
                        "name": "tags",
                        "in": "query",
                        "schema": {"type": "array", "items": {"type": "string"}},
                    },
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                "responses": {
                    "200": {
                        "description": "Done.",
                        "headers": {"Etag": {"required": True, "schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                    "204": {"description": "Nothing."},
                    "404": {"description": "No.", "x-codes": [1, 2]},
                },
            },
        }
    },
    "components": {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        }
    },
}


def put(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/things/{thing_id}"]["put"]
    return found


def parameter(document: dict[str, Any], index: int) -> dict[str, Any]:
    found: dict[str, Any] = put(document)["parameters"][index]
    return found


def found(edit: Edit) -> list[str]:
    """Return all changes that an edit makes, as text with their effect."""
    changed = copy.deepcopy(SMALL)
    edit(changed)
    changes = compare_versions(Version(SMALL, "old"), Version(changed, "new"))
    return [f"{one} [{one.effect.value}]" for one in changes]


def sets(place: Callable[[dict[str, Any]], dict[str, Any]], **values: Any) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        place(document).update({key.replace("_", "-"): value for key, value in values.items()})

    return edit


def reply(document: dict[str, Any], status: str = "200") -> dict[str, Any]:
    found: dict[str, Any] = put(document)["responses"][status]
    return found


OTHER = {"description": "Other."}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            lambda d: d["paths"].clear(),
            ["putThing: operation removed [breaking]"],
        ),
        (
            lambda d: d["paths"].update({"/more": {"get": {"responses": {}}}}),
            ["GET /more: operation added [compatible]"],
        ),
        (
            sets(put, operationId="storeThing"),
            ["storeThing: operation renamed (putThing → storeThing) [renamed]"],
        ),
        (sets(put, tags=["stuff"]), ["putThing: tag changed (things → stuff) [renamed]"]),
        (sets(put, deprecated=True), ["putThing: deprecated [compatible]"]),
        (
            sets(put, x_retry_safe=False),
            ["putThing: retry safety changed (safe → not safe) [breaking]"],
        ),
        (
            sets(put, security=[{"token": []}, {"key": []}]),
            ["putThing: way to sign in added (header x-key) [compatible]"],
        ),
        (
            sets(put, security=[{"key": [], "token": []}]),
            [
                "putThing: way to sign in removed (http bearer) [breaking]",
                "putThing: way to sign in added (header x-key and http bearer) [compatible]",
            ],
        ),
        (
            sets(put, security=[]),
            [
                "putThing: way to sign in removed (http bearer) [breaking]",
                "putThing: way to sign in added (nothing) [compatible]",
            ],
        ),
        (
            lambda d: d.update(servers=[{"url": "https://two.test"}]),
            [
                "all operations: server removed (https://one.test) [breaking]",
                "all operations: server added (https://two.test) [compatible]",
            ],
        ),
        (
            sets(put, servers=[{"url": "https://two.test"}]),
            ["putThing: server added (https://two.test) [compatible]"],
        ),
        (
            lambda d: put(d)["parameters"].pop(0),
            ["putThing parameter query limit: parameter removed (integer) [breaking]"],
        ),
        (
            lambda d: put(d)["parameters"].append(
                {"name": "q", "in": "query", "schema": {"type": "string"}}
            ),
            ["putThing parameter query q: parameter added (string) [compatible]"],
        ),
        (
            lambda d: put(d)["parameters"].append(
                {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}
            ),
            ["putThing parameter query q: parameter added (string (required)) [breaking]"],
        ),
        (
            lambda d: parameter(d, 0).update(required=True),
            ["putThing parameter query limit: became required [breaking]"],
        ),
        (
            lambda d: parameter(d, 0).update(schema={"type": "integer", "maximum": 5}),
            ["putThing parameter query limit: maximum changed (9 → 5) [breaking]"],
        ),
        (
            lambda d: parameter(d, 2).update(explode=False),
            [
                "putThing parameter query tags: style changed (form, a key for each item → form, "
                "items in one text) [breaking]"
            ],
        ),
        (
            lambda d: parameter(d, 2)["schema"].update(items={"type": "string", "maxLength": 3}),
            ["putThing parameter query tags[]: maxLength changed (none → 3) [breaking]"],
        ),
        (
            lambda d: put(d)["requestBody"].update(required=True),
            ["putThing request: body became required [breaking]"],
        ),
        (lambda d: put(d).pop("requestBody"), ["putThing request: body removed [breaking]"]),
        (
            lambda d: put(d)["requestBody"]["content"].update({"text/plain": {}}),
            ["putThing request text/plain: media type added [compatible]"],
        ),
        (
            lambda d: put(d)["responses"].update({"201": OTHER}),
            ["putThing response 201: status added [breaking]"],
        ),
        (
            lambda d: put(d)["responses"].pop("204"),
            ["putThing response 204: status removed [breaking]"],
        ),
        (
            lambda d: put(d)["responses"].update({"429": OTHER}),
            ["putThing response 429: status added [compatible]"],
        ),
        (
            lambda d: put(d)["responses"].pop("404"),
            ["putThing response 404: status removed [compatible]"],
        ),
        (
            lambda d: reply(d, "404").update({"x-codes": [2, 3]}),
            [
                "putThing response 404: codes removed (1) [compatible]",
                "putThing response 404: codes added (3) [compatible]",
            ],
        ),
        (
            lambda d: reply(d).update(headers={}),
            ["putThing response 200 header etag: header removed [breaking]"],
        ),
        (
            lambda d: reply(d)["headers"]["Etag"].update(required=False),
            ["putThing response 200 header etag: became optional [breaking]"],
        ),
        (
            lambda d: reply(d).pop("content"),
            ["putThing response 200 application/json: media type removed [breaking]"],
        ),
        (
            lambda d: reply(d, "204").update(content={"application/json": {}}),
            ["putThing response 204 application/json: media type added [breaking]"],
        ),
        (
            lambda d: reply(d)["content"]["application/json"].update(schema={}),
            ["putThing response 200 application/json: type changed (object → anything) [breaking]"],
        ),
    ],
)
def test_change_is_reported_once_with_its_effect(edit: Edit, expected: list[str]) -> None:
    assert found(edit) == expected


def rename_path(document: dict[str, Any]) -> None:
    item = document["paths"].pop("/things/{thing_id}")
    item["parameters"][0]["name"] = "id"
    document["paths"]["/things/{id}/"] = item


@pytest.mark.parametrize(
    "edit",
    [
        rename_path,
        lambda d: parameter(d, 1).update(name="x-name"),
        lambda d: put(d)["parameters"].reverse(),
        lambda d: put(d)["parameters"].append(d["paths"]["/things/{thing_id}"]["parameters"].pop()),
        lambda d: put(d).update(summary="Other", description="words", externalDocs={"url": "x"}),
        lambda d: put(d)["responses"].update(dict(reversed(put(d)["responses"].items()))),
        lambda d: parameter(d, 0)["schema"].update(format="int64"),
        lambda d: parameter(d, 1)["schema"].update(minLength=0, pattern=".*"),
        lambda d: d["components"]["securitySchemes"].update(
            {"token": {"type": "http", "scheme": "Bearer", "bearerFormat": "JWT"}}
        ),
        lambda d: d.update(openapi="3.1.0", info={"title": "other", "version": "2"}),
        lambda d: d["servers"][0].update(url="https://one.test", description="the one"),
    ],
)
def test_another_notation_is_no_change(edit: Edit) -> None:
    assert found(edit) == []


def test_moved_operation_is_compared_with_itself() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["paths"]["/v2/things/{thing_id}"] = document["paths"].pop("/things/{thing_id}")
        put_moved = document["paths"]["/v2/things/{thing_id}"]["put"]
        put_moved["deprecated"] = True

    assert found(edit) == [
        "putThing: path changed (PUT /things/{thing_id} → PUT /v2/things/{thing_id}) [breaking]",
        "putThing: deprecated [compatible]",
    ]


@pytest.mark.parametrize(
    ("new_id", "path"),
    [("put_thing", "/stuff/{thing_id}"), ("replaceThing", "/v2/things/{thing_id}")],
)
def test_moved_operation_may_have_another_id(new_id: str, path: str) -> None:
    old, new = copy.deepcopy(SMALL), copy.deepcopy(SMALL)
    old["paths"] = {"/v1/things/{thing_id}": SMALL["paths"]["/things/{thing_id}"]}
    new["paths"] = {path: new["paths"]["/things/{thing_id}"]}
    new["paths"][path]["put"]["operationId"] = new_id
    found = compare_versions(Version(old, "x"), Version(new, "x"))
    assert [(one.kind, one.new) for one in found] == [
        ("path changed", f"PUT {path}"),
        ("operation renamed", new_id),
    ]


def test_openapi_3_1_and_3_0_compare_as_equal() -> None:
    old = {"type": "string", "nullable": True, "enum": ["a"]}
    new = {"anyOf": [{"const": "a"}, {"type": "null"}]}
    bound = {"type": "number", "minimum": 1, "exclusiveMinimum": True}
    other = {"type": ["number"], "exclusiveMinimum": 1}

    def changed(one: dict[str, Any], two: dict[str, Any]) -> list[str]:
        documents = []
        for schema in (one, two):
            document = copy.deepcopy(SMALL)
            reply(document)["content"]["application/json"]["schema"] = schema
            documents.append(Version(document, "x"))
        return [str(change) for change in compare_versions(*documents)]

    assert changed(old, new) == []
    assert changed(bound, other) == []
    assert changed({"type": "integer"}, {"type": "number"}) == [
        "putThing response 200 application/json: type changed (integer → number)"
    ]


def test_change_in_a_recursive_schema_is_reported_once() -> None:
    def edit(document: dict[str, Any], word: str) -> None:
        document["components"]["schemas"] = {
            "Node": {
                "type": "object",
                "properties": {
                    "name": {"type": word},
                    "children": {
                        "type": "array",
                        "items": {"$ref": "#/components/schemas/Node"},
                    },
                },
            }
        }
        schema = {"$ref": "#/components/schemas/Node"}
        reply(document)["content"]["application/json"]["schema"] = schema

    old, new = copy.deepcopy(SMALL), copy.deepcopy(SMALL)
    edit(old, "string")
    edit(new, "boolean")
    assert compare_versions(Version(old, "x"), Version(old, "x")) == []
    (change,) = compare_versions(Version(old, "x"), Version(new, "x"))
    assert str(change) == (
        "putThing response 200 application/json name: type changed (string → boolean)"
    )


def test_alternatives_are_matched_by_their_common_properties() -> None:
    def of(*variants: dict[str, Any]) -> Version:
        document = copy.deepcopy(SMALL)
        objects = [{"type": "object", "properties": one, "required": [*one]} for one in variants]
        reply(document)["content"]["application/json"]["schema"] = {"oneOf": objects}
        return Version(document, "x")

    text, number = {"type": "string"}, {"type": "number"}
    old = of({"a": text, "b": text}, {"c": text})
    assert compare_versions(old, of({"c": text}, {"b": text, "a": text})) == []
    (inside,) = compare_versions(old, of({"c": text}, {"a": text, "b": number}))
    assert (inside.field, inside.kind) == ("b", "type changed")
    (added,) = compare_versions(old, of({"a": text, "b": text}, {"c": text}, {"d": text}))
    assert (added.kind, added.new, added.effect.value) == (
        "alternative added",
        "object with d",
        "breaking",
    )


def between(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[str]]:
    """Return the changes from one schema to another, in a request and in a reply."""
    versions = []
    for schema in (old, new):
        document = copy.deepcopy(SMALL)
        for holder in (put(document)["requestBody"], reply(document)):
            holder["content"]["application/json"]["schema"] = schema
        versions.append(Version(document, "x"))
    found: dict[str, list[str]] = {"request": [], "response": []}
    for one in compare_versions(*versions):
        values = f" ({one.values})" if one.values else ""
        found[one.part].append(f"{one.field}: {one.kind}{values} [{one.effect.value}]")
    return found


def kinds(schema: dict[str, Any], *others: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, *others]}


KIND_A = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"enum": ["a"]}, "x": {"type": "string"}},
}
KIND_B = {
    "type": "object",
    "required": ["kind", "x"],
    "properties": {"kind": {"enum": ["b"]}, "x": {"type": "string"}},
}


@pytest.mark.parametrize(
    "rest",
    [
        [],
        [{}],
        [{"type": "object"}],
        [{"not": {"type": "object", "required": ["kind"]}}],
        [{"type": "object", "not": {"required": ["kind"]}}],
        [{"nullable": True}],
    ],
)
@pytest.mark.parametrize("index", [0, 1])
def test_no_alternative_hides_a_change_of_another(rest: list[dict[str, Any]], index: int) -> None:
    old = [KIND_A, KIND_B]
    new = copy.deepcopy(old)
    new[index]["properties"]["x"] = {"type": "integer"}  # type: ignore[index]
    assert between(kinds(*old, *rest), kinds(*reversed(old), *rest)) == {
        "request": [],
        "response": [],
    }
    expected = ["x: type changed (string → integer) [breaking]"]
    assert between(kinds(*old, *rest), kinds(*rest, *new)) == {
        "request": expected,
        "response": expected,
    }


def test_alternatives_are_matched_by_their_constants() -> None:
    new_a, new_b = copy.deepcopy(KIND_A), copy.deepcopy(KIND_B)
    new_a["required"], new_b["required"] = ["kind", "x"], ["kind"]  # now more like the other one
    found = between(kinds(KIND_A, KIND_B), kinds(new_a, new_b))["response"]
    assert sorted(found) == [
        "x: became optional (required → optional) [breaking]",
        "x: became required (optional → required) [compatible]",
    ]


TEXT = {"type": "string"}
ANY_KIND = kinds(KIND_A, {})


@pytest.mark.parametrize(
    ("old", "new", "request_effect", "response_effect", "change"),
    [
        (KIND_A, ANY_KIND, "compatible", "breaking", "type changed (object → object or any"),
        (ANY_KIND, KIND_A, "breaking", "compatible", "type changed (object or anything else → o"),
        ({}, ANY_KIND, "compatible", "compatible", "forms described (anything → object or"),
        (ANY_KIND, {}, "compatible", "compatible", "forms no longer described (object or"),
        (
            kinds(KIND_A, {"type": "object"}),
            KIND_A,
            "breaking",
            "compatible",
            "other objects refused (object)",
        ),
        (
            ANY_KIND,
            kinds(KIND_A, KIND_B, {}),
            "compatible",
            "breaking",
            "alternative added (object with kind, x)",
        ),
        (ANY_KIND, kinds(KIND_A, TEXT, {}), "compatible", "breaking", "type changed (object or "),
        ({}, {"not": TEXT}, "breaking", "breaking", "other forms changed (none → (string"),
    ],
)
def test_change_of_what_else_is_allowed(
    old: dict[str, Any],
    new: dict[str, Any],
    request_effect: str,
    response_effect: str,
    change: str,
) -> None:
    found = between(old, new)
    for part, effect in (("request", request_effect), ("response", response_effect)):
        (text,) = found[part]
        assert text.startswith(f": {change}")
        assert text.endswith(f"[{effect}]")


def open_list(*values: str) -> dict[str, Any]:
    return {"type": "string", "x-known-values": [*values]}


def closed_list(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": [*values]}


ADDED, REMOVED = "known value added (c)", "known value removed (b)"
CLOSED = 'enum changed (none → "a", "b")'


@pytest.mark.parametrize(
    ("old", "new", "in_request", "in_response"),
    [
        (open_list("a", "b"), open_list("b", "a"), [], []),
        (
            open_list("a", "b"),
            open_list("a", "b", "c"),
            [f"{ADDED} [compatible]"],
            [f"{ADDED} [breaking]"],
        ),
        (
            open_list("a", "b"),
            open_list("a"),
            [f"{REMOVED} [breaking]"],
            [f"{REMOVED} [compatible]"],
        ),
        (
            open_list("a", "b"),
            closed_list("a", "c"),
            [
                "list closed [compatible]",
                f"{REMOVED} [breaking]",
                f"{ADDED} [compatible]",
            ],
            [
                "list closed [compatible]",
                f"{REMOVED} [compatible]",
                f"{ADDED} [breaking]",
            ],
        ),
        (TEXT, closed_list("a", "b"), [f"{CLOSED} [breaking]"], [f"{CLOSED} [compatible]"]),
        (
            closed_list("a", "b"),
            open_list("a", "b", "c"),
            ["list opened [compatible]", f"{ADDED} [compatible]"],
            ["list opened [breaking]", f"{ADDED} [breaking]"],
        ),
        (
            open_list("a", "b"),
            TEXT,
            ['values no longer listed ("a", "b") [compatible]'],
            ['values no longer listed ("a", "b") [compatible]'],
        ),
        (
            TEXT,
            open_list("a", "b"),
            ['values listed ("a", "b") [compatible]'],
            ['values listed ("a", "b") [compatible]'],
        ),
        (
            kinds(open_list("a"), open_list("b"), {"type": "integer"}),
            kinds(open_list("a", "b", "c"), {"type": "integer"}),
            [f"{ADDED} [compatible]"],
            [f"{ADDED} [breaking]"],
        ),
        (
            {"allOf": [TEXT, open_list("a", "b")]},
            {"allOf": [TEXT, open_list("a")]},
            [f"{REMOVED} [breaking]"],
            [f"{REMOVED} [compatible]"],
        ),
    ],
)
def test_lists_of_values(
    old: dict[str, Any], new: dict[str, Any], in_request: list[str], in_response: list[str]
) -> None:
    assert between(old, new) == {
        "request": [f": {one}" for one in in_request],
        "response": [f": {one}" for one in in_response],
    }


@pytest.mark.parametrize("name", ["classic", "platform", "cloud"])
def test_committed_descriptions_do_not_differ_from_themselves(name: str) -> None:
    document = DOCUMENTS[name]
    again = Version(copy.deepcopy(document), "again")
    assert compare_versions(Version(document, "once"), again) == []


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"$ref": "#/components/schemas/Gone"}, "x: the reference '#/components/schemas/Gone' p"),
        ({"$ref": "other.yaml#/Thing"}, "x: the reference 'other.yaml#/Thing' cannot be followed"),
        ({"type": "strng"}, "x: 'strng' is not a type of OpenAPI."),
    ],
)
def test_schema_that_cannot_be_compared(schema: dict[str, Any], message: str) -> None:
    document = copy.deepcopy(SMALL)
    reply(document)["content"]["application/json"]["schema"] = schema
    with pytest.raises(DriftError) as caught:
        compare_versions(Version(document, "x"), Version(document, "x"))
    assert str(caught.value).startswith(message)


def test_frames_and_close_codes_of_a_stream_count() -> None:
    old = DOCUMENTS["classic"]
    new = copy.deepcopy(old)
    stream = new["x-websockets"]["jobStatusStream"]
    del stream["closeCodes"][4003]
    stream["frames"][0]["schema"]["properties"]["data"]["minLength"] = 20
    stream["frames"][1]["schema"]["properties"]["type"]["enum"].append("welcome")
    stream["frames"][2]["name"] = "status"
    found = compare_versions(Version(old, "old"), Version(new, "new"))
    assert [f"{one} [{one.effect.value}]" for one in found] == [
        "jobStatusStream request authentication data: minLength changed (1 → 20) [breaking]",
        "jobStatusStream response frame job-status: media type removed [breaking]",
        "jobStatusStream response frame status: media type added [compatible]",
        "jobStatusStream response frame authenticated type: enum value added (welcome) [breaking]",
        "jobStatusStream response frame: codes removed (4003) [compatible]",
    ]
