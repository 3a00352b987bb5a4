"""Values that are named without excluding others, and the handwritten tables of the same values."""

from collections.abc import Collection, Iterator
from typing import Any

import pytest

from ibmq_backend._compat.job_states import ApiJobKind, ApiJobStatus
from ibmq_backend.api.classic import mapping as classic
from ibmq_backend.api.platform import instances
from ibmq_backend.api.platform import mapping as platform
from ibmq_backend.api.sampler import options, typed_json
from ibmq_backend.backend import run_options, session, terms
from scripts._regenerate.bindings import for_bindings
from tests.support.descriptions import DOCUMENTS

Schema = dict[str, Any]


def listings(value: object, name: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield every schema with known values, and its key."""
    if isinstance(value, dict):
        if "x-known-values" in value:
            yield name, value
        for key, inner in value.items():
            yield from listings(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from listings(inner, name)


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_known_values_are_texts_beside_others(name: str) -> None:
    found = [schema for _, schema in listings(DOCUMENTS[name])]
    assert found
    for schema in found:
        known = schema["x-known-values"]
        assert schema["type"] == "string"
        assert "enum" not in schema
        assert all(isinstance(value, str) for value in known)
        assert len(known) == len(set(known)) > 0


def test_bindings_describe_known_values_and_accept_others() -> None:
    schemas = for_bindings(DOCUMENTS["platform"])["components"]["schemas"]
    assert schemas["DeviceStatus"]["properties"]["name"] == {
        "type": "string",
        "description": "Known: `online`, `paused`, `offline`.",
    }
    assert list(listings(schemas)) == []


def known(dialect: str, *path: str) -> set[str]:
    """Return the values that a schema of a description names."""
    found = DOCUMENTS[dialect]["components"]["schemas"][path[0]]
    for key in path[1:]:
        found = found["properties"][key]
    return set(found.get("x-known-values") or found["enum"])


OPTIONS = ("SamplerOptions",)
DECOUPLING = (*OPTIONS, "dynamical_decoupling")


@pytest.mark.parametrize(
    ("dialect", "path", "table"),
    [
        ("classic", ("Job", "status"), classic.STATUSES),
        ("classic", ("Job", "status"), [status.value for status in ApiJobStatus]),
        ("classic", ("Job", "kind"), [*(kind.value for kind in ApiJobKind), "runtime"]),
        ("classic", ("JobRequest", "shareLevel"), run_options.SHARE_LEVELS),
        ("cloud", ("Pricing", "type"), instances._PRICING_ORDER),
        ("platform", ("SessionRequest", "mode"), [session.DEDICATED, session.BATCH]),
        ("platform", ("Session", "mode"), [session.DEDICATED, session.BATCH]),
        (
            "platform",
            (*OPTIONS, "execution", "meas_type"),
            ["classified", *options.MEASUREMENT_TYPES.values()],
        ),
        *(
            ("platform", (*DECOUPLING, name), terms._DYNAMICAL_DECOUPLING[name])
            for name in ("sequence_type", "extra_slack_distribution", "scheduling_method")
        ),
        ("platform", (*OPTIONS, "twirling", "strategy"), terms._TWIRLING["strategy"]),
        (
            "platform",
            ("TypedPubResult", "__type__"),
            typed_json._CONTAINERS - {"PrimitiveResult", "BindingsArray"},
        ),
    ],
)
def test_table_has_the_known_values(
    dialect: str, path: tuple[str, ...], table: Collection[str]
) -> None:
    assert known(dialect, *path) == set(table)


@pytest.mark.parametrize("schema", ["Job", "JobState"])
def test_table_has_the_statuses_in_lower_case(schema: str) -> None:
    assert {word.lower() for word in known("platform", schema, "status")} == {*platform.STATUSES}
