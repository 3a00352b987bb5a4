"""Cassettes as files: YAML that people can read, in the layout of vcrpy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from ibmq_backend.testing.exchanges import Exchange

_VERSION: Final = 1
_WIDTH: Final = 120


class CassetteProblem(AssertionError):
    """A cassette that is missing, cannot be read, or cannot be written."""


@dataclass(frozen=True)
class Cassette:
    """A recording.

    Attributes:
        exchanges: in order.
        recorded: where and with what it was recorded, as plain values; empty when nobody noted it.
    """

    exchanges: tuple[Exchange, ...]
    recorded: Mapping[str, Any] = field(default_factory=dict)


def read(path: Path) -> Cassette:
    """Read a cassette.

    Raises:
        CassetteProblem: it is missing, or something in it is not as a cassette is; says where.
    """
    yaml = _yaml()
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_fastest(yaml, "SafeLoader"))
    except FileNotFoundError:
        raise CassetteProblem(f"{path} is missing.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CassetteProblem(f"{path} is no YAML: {error}") from None
    entries = document.get("interactions") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise CassetteProblem(f"{path} has no list of interactions: it is no cassette.")
    exchanges = []
    for number, entry in enumerate(entries, 1):
        try:
            exchanges.append(_exchange(entry))
        except (KeyError, TypeError, AttributeError) as error:
            raise CassetteProblem(
                f"{path}: interaction {number} is incomplete or wrong at {error}. "
                "Record it anew, or undo what was edited."
            ) from None
    return Cassette(tuple(exchanges), document.get("recorded") or {})


def render(exchanges: Iterable[Exchange], recorded: Mapping[str, Any] | None = None) -> str:
    """The text of a cassette; empty when there are no exchanges.

    Args:
        exchanges: scrubbed; bodies are text.
        recorded: where and with what it was recorded.
    """
    entries = [_entry(exchange) for exchange in exchanges]
    if not entries:
        return ""
    yaml = _yaml()
    document: dict[str, Any] = {"version": _VERSION}
    if recorded:
        document["recorded"] = dict(recorded)
    document["interactions"] = entries
    text: str = yaml.dump(
        document,
        Dumper=_dumper(yaml),
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
    )
    return text


def _exchange(entry: Mapping[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    return Exchange(
        method=request["method"],
        url=request["uri"],
        headers=single(request["headers"]),
        body=(request["body"] or "").encode(),
        status=response["status"]["code"],
        reply_headers=single(response["headers"]),
        reply_body=response["body"]["string"].encode(),
        times=entry.get("times", 1),
    )


def _entry(exchange: Exchange) -> dict[str, Any]:
    try:
        message = HTTPStatus(exchange.status).phrase
    except ValueError:
        message = ""
    entry: dict[str, Any] = {
        "request": {
            "method": exchange.method,
            "uri": exchange.url,
            "body": exchange.body.decode() or None,
            "headers": dict(exchange.headers),
        },
        "response": {
            "status": {"code": exchange.status, "message": message},
            "headers": {name: [value] for name, value in exchange.reply_headers.items()},
            "body": {"string": exchange.reply_body.decode()},
        },
    }
    return entry if exchange.times == 1 else {**entry, "times": exchange.times}


def single(headers: Mapping[str, Any]) -> dict[str, str]:
    """Headers with names in lower case and one value each."""
    return {
        name.lower(): value if isinstance(value, str) else ", ".join(value)
        for name, value in headers.items()
    }


def _yaml() -> Any:
    try:
        return import_module("yaml")
    except ModuleNotFoundError:
        raise CassetteProblem(
            "Cassettes need PyYAML, which is not installed. "
            "Run `pip install 'ibmq-backend[testing]'`."
        ) from None


def _fastest(yaml: Any, name: str) -> Any:
    return getattr(yaml, f"C{name}", None) or getattr(yaml, name)


def _dumper(yaml: Any) -> Any:
    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    # Long texts as blocks, so that bodies can be read; nothing by reference.
    dumper: Any = type(
        "Dumper", (_fastest(yaml, "SafeDumper"),), {"ignore_aliases": lambda *_: True}
    )
    dumper.add_representer(str, text)
    return dumper
