"""Cassette files: YAML in the format of vcrpy, laid out for people to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from vcr.persisters.filesystem import FilesystemPersister
from vcr.serialize import deserialize as vcr_deserialize
from vcr.serialize import serialize as vcr_serialize
from vcr.serializers import yamlserializer

from ibmq_backend.text_files import NotTextError, read_text

_LINE_WIDTH: Final = 120
_FIELDS: Final[dict[tuple[str, ...], Any]] = {
    ("request", "method"): str,
    ("request", "uri"): str,
    ("request", "body"): str | None,
    ("request", "headers"): dict,
    ("response", "status", "code"): int,
    ("response", "status", "message"): str | None,
    ("response", "headers"): dict,
    ("response", "body", "string"): str,
}
_NEXT_STEP: Final = "Record the cassette again, or undo what was edited."
_TRACE_HEADER: Final = "uber-trace-id"


class CassetteProblem(AssertionError):
    """A cassette that is missing, cannot be read, or cannot be written."""


class CassetteFile(FilesystemPersister):
    """Read and write cassettes as UTF-8.

    Args:
        check: called with the text of a cassette before it is written; raises an error to prevent
            writing.
    """

    def __init__(self, check: Callable[[str], None] = lambda _text: None) -> None:
        self._check = check

    def load_cassette(self, cassette_path: Path, serializer: Any) -> Any:
        """Return requests, responses and, if there is any, metadata.

        Raises:
            CassetteProblem: the file is missing or is not a cassette.
        """
        path = Path(cassette_path)
        try:
            return vcr_deserialize(read_text(path), serializer)
        except OSError as error:
            raise CassetteProblem(f"{path} cannot be read: {error.strerror}.") from None
        except NotTextError as error:
            raise CassetteProblem(f"{path} is not a text file: {error}. {_NEXT_STEP}") from None
        except CassetteProblem as error:
            raise CassetteProblem(f"{path} {error}") from None
        except TypeError as error:  # vcrpy raises it for unknown fields
            raise CassetteProblem(f"{path} is damaged: {error}. {_NEXT_STEP}") from None

    def save_cassette(
        self, cassette_path: Path, cassette_dict: Mapping[str, Any], serializer: Any
    ) -> None:
        """Write a cassette, unless the check refuses its text."""
        text = vcr_serialize(cassette_dict, serializer)
        self._check(text)
        path = Path(cassette_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def deserialize(text: str) -> dict[str, Any]:
    """Return the document of a cassette.

    Raises:
        CassetteProblem: the text is not YAML, has tags of other types, has no interactions, or
            is incomplete or wrong somewhere.
    """
    try:
        document = yamlserializer.deserialize(text)
    except yaml.YAMLError as error:
        raise CassetteProblem(f"is not valid YAML: {error}") from None
    entries = document.get("interactions") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise CassetteProblem("is not a cassette: it has no list of interactions.")
    for number, entry in enumerate(entries, 1):
        try:
            _check_entry(entry)
        except (KeyError, TypeError) as error:
            raise CassetteProblem(
                f"is damaged: interaction {number} is incomplete or wrong at {error}. {_NEXT_STEP}"
            ) from None
    # Cassettes of earlier versions have one entry for all repetitions, and no metadata.
    entries = [entry for entry in entries for _ in range(entry.get("times", 1))]
    metadata = document.get("metadata") or {"recorded": document.get("recorded")}
    return {**document, "interactions": entries, "metadata": metadata}


def serialize(document: Mapping[str, Any]) -> str:
    """Return the YAML of a cassette.

    An interaction that is the same as the one before it, as in polling, becomes an alias: one line.
    """
    entries = list(document["interactions"])
    for index in range(1, len(entries)):
        if _is_repeated(entries[index - 1], entries[index]):
            entries[index] = entries[index - 1]
    text: str = yaml.dump(
        {"version": document["version"], **document, "interactions": entries},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=_LINE_WIDTH,
    )
    return text


def _check_entry(entry: Any) -> None:
    """Raise an error for the first field that is missing or has the wrong type."""
    for path, kinds in _FIELDS.items():
        value = entry
        for name in path:
            value = value[name]
        if not isinstance(value, kinds):
            raise TypeError("/".join(path))
    for part in ("request", "response"):
        for name, values in entry[part]["headers"].items():
            texts = values if isinstance(values, list) else [values]
            if not all(isinstance(text, str) for text in (name, *texts)):
                raise TypeError(f"{part}/headers/{name}")
    if not isinstance(entry.get("times", 1), int):
        raise TypeError("times")


def _is_repeated(before: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    return entry["request"]["method"] == "GET" and _comparable(before) == _comparable(entry)


def _comparable(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    request, response = entry["request"], entry["response"]
    headers = {name: value for name, value in response["headers"].items() if name != _TRACE_HEADER}
    return request["method"], request["uri"], request["body"], {**response, "headers": headers}


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Write texts of several lines as blocks, and aliases only for interactions."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return whether a repeated value is written in full again."""
        return not (isinstance(data, dict) and data.keys() == {"request", "response"})


def _represent_text(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
