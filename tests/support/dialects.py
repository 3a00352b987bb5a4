"""The descriptions of a dialect: one for classic, two for the platform."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from tests.support.exchanges import Exchange
from tests.support.spec_check import Contract, Finding, Operation, contract

DIALECTS: Final = ("classic", "platform")

# Descriptions and the base paths of their services; the first with a matching operation describes
# an exchange.
_DESCRIPTIONS: Final = {
    "classic": (("classic", ""),),
    "platform": (("platform", "/api"), ("platform", "/eu-de/api"), ("cloud", "")),
}


def descriptions(dialect: str) -> tuple[str, ...]:
    """Return the names of the descriptions of a dialect."""
    return tuple(dict.fromkeys(name for name, _ in _DESCRIPTIONS[dialect]))


def operations(dialect: str) -> list[Operation]:
    """Return all operations of a dialect, those of its own description first."""
    return [operation for name in descriptions(dialect) for operation in contract(name).operations]


def find(dialect: str, exchange: Exchange, origin: str) -> Operation | None:
    """Return the operation of an exchange.

    Args:
        dialect: one of :data:`DIALECTS`.
        exchange: the exchange.
        origin: the origin of all services of the dialect.
    """
    described, base = _described(dialect, exchange, origin)
    return described.find(exchange, base)


def findings(
    dialect: str,
    exchanges: Iterable[Exchange],
    *,
    origin: str,
    source: str,
    strays: Iterable[str] = (),
) -> list[Finding]:
    """Return the findings for exchanges; see :meth:`Contract.findings`."""
    listed = list(exchanges)
    if len(_DESCRIPTIONS[dialect]) == 1:
        return contract(dialect).findings(listed, base=origin, source=source, strays=strays)
    assert not list(strays), "strays are for dialects with one description"
    found = []
    for number, exchange in enumerate(listed, 1):
        described, base = _described(dialect, exchange, origin)
        found += [
            replace(finding, number=number)
            for finding in described.findings([exchange], base=base, source=source)
        ]
    return found


def _described(dialect: str, exchange: Exchange, origin: str) -> tuple[Contract, str]:
    places = [(contract(name), origin + path) for name, path in _DESCRIPTIONS[dialect]]
    fitting = (place for place in places if place[0].find(exchange, place[1]) is not None)
    return next(fitting, places[0])
