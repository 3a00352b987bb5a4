"""Accounts and settings in environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, Literal

from ibmq_backend._secrets.traceback_scrubbing import hide
from ibmq_backend.credentials.hosts import CHANNEL_URLS, DEFAULT_CHANNEL, PLATFORM_URL
from ibmq_backend.credentials.model import Credentials, unquoted
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsInvalidFormat,
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountValueError,
)

LOCAL_VARIABLE: Final = "IBMQ_BACKEND_LOCAL"
"""When to use the local emulator: ``auto`` (default), ``never`` or ``always``."""

LocalChoice = Literal["auto", "never", "always"]


def local_choice(environ: Mapping[str, str] | None = None) -> LocalChoice:
    """Return the value of ``IBMQ_BACKEND_LOCAL``, ``auto`` if it is not set or empty.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the value is not valid.
    """
    value = _get(environ, LOCAL_VARIABLE).lower()
    match value:
        case "" | "auto":
            return "auto"
        case "never":
            return "never"
        case "always":
            return "always"
    raise IBMQAccountCredentialsInvalidFormat(
        f"{LOCAL_VARIABLE} is {value!r}. Set it to never, always or auto, or unset it."
    )


def classic_credentials(environ: Mapping[str, str] | None = None) -> Credentials | None:
    """Return the account in ``QE_TOKEN`` and ``QE_URL``, ``None`` unless both are set.

    Its instance is set by ``QE_HUB``, ``QE_GROUP`` and ``QE_PROJECT``.

    Raises:
        IBMQAccountCredentialsInvalidFormat: hub, group or project is not valid.
        IBMQAccountCredentialsInvalidToken: the token is not valid.
        IBMQAccountCredentialsInvalidUrl: the URL is not an http(s) URL.
    """
    token, url = hide(_get(environ, "QE_TOKEN")), _get(environ, "QE_URL")
    if not (token and url):
        return None
    hub, group, project = (_get(environ, f"QE_{name}") for name in ("HUB", "GROUP", "PROJECT"))
    return _credentials("QE_TOKEN, QE_URL", token, url, hub=hub, group=group, project=project)


def platform_credentials(environ: Mapping[str, str] | None = None) -> Credentials | None:
    """Return the account in ``QISKIT_IBM_TOKEN``, ``None`` unless it is set.

    Its instance is set by ``QISKIT_IBM_INSTANCE``, its channel by ``QISKIT_IBM_CHANNEL`` (by
    default that of IBM Quantum Platform) and its URL by ``QISKIT_IBM_URL`` (by default that of the
    channel).

    Raises:
        IBMQAccountCredentialsInvalidFormat: the instance is not valid.
        IBMQAccountCredentialsInvalidToken: the token is not valid.
        IBMQAccountCredentialsInvalidUrl: the URL is not an http(s) URL.
    """
    token = hide(_get(environ, "QISKIT_IBM_TOKEN"))
    if not token:
        return None
    channel = _get(environ, "QISKIT_IBM_CHANNEL")
    url = _get(environ, "QISKIT_IBM_URL") or CHANNEL_URLS.get(channel, PLATFORM_URL)
    instance = hide(_get(environ, "QISKIT_IBM_INSTANCE"))
    # With a channel that the official client does not know, the URL determines the service.
    known = channel if channel in CHANNEL_URLS else DEFAULT_CHANNEL if not channel else None
    return _credentials(
        "QISKIT_IBM_TOKEN, QISKIT_IBM_URL", token, url, instance=instance, channel=known
    )


def missing_variable(name: str, environ: Mapping[str, str] | None = None) -> str | None:
    """Return a sentence about a variable without which the others of an account are ignored.

    Args:
        name: ``QE_TOKEN`` or ``QISKIT_IBM_TOKEN``, for the account it belongs to.
        environ: replaces the environment variables.
    """
    pairs = (
        (("QE_TOKEN", "QE_URL"), ("QE_URL", "QE_TOKEN"))
        if name == "QE_TOKEN"
        else tuple((other, name) for other in ("QISKIT_IBM_INSTANCE", "QISKIT_IBM_URL"))
    )
    for present, absent in pairs:
        if _get(environ, present) and not _get(environ, absent):
            return f"{present} is set, but {absent} is not."
    return None


def _get(environ: Mapping[str, str] | None, name: str) -> str:
    return unquoted((os.environ if environ is None else environ).get(name, ""))


def _credentials(where: str, token: str, url: str, **parts: str | None) -> Credentials:
    try:
        return Credentials(token, url, **parts)
    except (IBMQAccountCredentialsInvalidToken, IBMQAccountCredentialsInvalidUrl) as error:
        raise type(error)(f"Environment ({where}): {error.message}") from error
    except IBMQAccountValueError as error:
        raise IBMQAccountCredentialsInvalidFormat(f"Environment: {error.message}") from error
