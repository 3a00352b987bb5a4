"""The errors of ``IBMQ.get_provider()``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ibmq_backend._errors.suggestions import MOST_NAMES, nearest
from ibmq_backend.credentials import display_instance
from ibmq_backend.exceptions import IBMQProviderError


def describe_conditions(given: Mapping[str, str | None]) -> str:
    """Return the conditions as they were written, without secrets."""
    return ", ".join(
        f"{name}={display_instance(value)!r}" for name, value in given.items() if value is not None
    )


def several_providers(given: Mapping[str, str | None], labels: Sequence[str]) -> IBMQProviderError:
    """Return the error for conditions that several providers meet."""
    wanted = describe_conditions(given)
    more = len(labels) - MOST_NAMES
    listed = "; ".join(labels[:MOST_NAMES]) + (f"; and {more} more" if more > 0 else "")
    return IBMQProviderError(
        f"More than one provider {f'matches {wanted}' if wanted else 'is available'}: "
        f"{listed}. Specify hub, group and project, or the instance."
    )


def no_provider(given: Mapping[str, str | None], labels: Collection[str]) -> IBMQProviderError:
    """Return the error for conditions that no provider meets."""
    known = nearest("/".join(filter(None, given.values())), labels)
    return IBMQProviderError(
        f"No provider matches {describe_conditions(given)}. Available: "
        f"{'; '.join(known) or 'none'}"
        f"{'' if len(known) == len(labels) else '; IBMQ.providers() lists all'}."
    )
