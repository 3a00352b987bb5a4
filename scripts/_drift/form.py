"""Why a description that reads as YAML or JSON still cannot be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from scripts._drift.problems import DriftError
from scripts._regenerate.spec_check import deepest
from scripts._regenerate.spec_source import pointer


@contextmanager
def well_formed(**documents: Mapping[str, Any]) -> Iterator[None]:
    """Name what is malformed when the work inside the block stumbles over it.

    Published descriptions are not always valid, which harms nothing as long as they can be read:
    so they are held to the rules of OpenAPI only when something could not be.

    Args:
        documents: The descriptions, by name.

    Raises:
        DriftError: One of them is malformed; with the place, where it can be told.
    """
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        for name, document in documents.items():
            for place, reason in _findings(document):
                raise DriftError(
                    f"{name}: is no valid OpenAPI: {pointer(place)}: {reason}"
                ) from error
        raise DriftError(
            f"{' or '.join(documents)}: is not formed as OpenAPI says, so it cannot be compared "
            f"({error!r}). A validator of descriptions tells more."
        ) from error


def _findings(document: Mapping[str, Any]) -> Iterator[tuple[tuple[object, ...], str]]:
    modern = not str(document.get("openapi")).startswith("3.0")
    validator = OpenAPIV31SpecValidator if modern else OpenAPIV30SpecValidator
    for error in validator.schema_validator.iter_errors(document):
        found, reason = deepest(error)
        yield tuple(found.absolute_path), reason
