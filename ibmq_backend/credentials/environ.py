"""Accounts and choices in environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, Literal

from ibmq_backend._secrets.traceback_scrubbing import hide
from ibmq_backend.credentials.hosts import CHANNEL_URLS, PLATFORM_URL
from ibmq_backend.credentials.model import Credentials
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsInvalidFormat,
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountValueError,
)

LOCAL_VARIABLE: Final = "IBMQ_BACKEND_LOCAL"
"""``auto`` (default), ``never`` or ``always``: whether the local emulator may be used."""

_DEFAULT_CHANNEL: Final = "ibm_quantum_platform"

LocalChoice = Literal["auto", "never", "always"]


def local_choice(environ: Mapping[str, str] | None = None) -> LocalChoice:
    """What ``IBMQ_BACKEND_LOCAL`` says, ``auto`` when it is not set or empty.

    Raises:
        IBMQAccountCredentialsInvalidFormat: it says anything else.
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
        f"{LOCAL_VARIABLE} is {value!r}: set it to never, always or auto, or unset it."
    )


def classic_credentials(environ: Mapping[str, str] | None = None) -> Credentials | None:
    """The account in ``QE_TOKEN`` and ``QE_URL``, ``None`` unless both are set.

    ``QE_HUB``, ``QE_GROUP`` and ``QE_PROJECT`` name its instance.

    Raises:
        IBMQAccountCredentialsInvalidFormat: hub, group or project cannot be one.
        IBMQAccountCredentialsInvalidToken: the token cannot be one.
        IBMQAccountCredentialsInvalidUrl: the address is not an http(s) address.
    """
    token, url = hide(_get(environ, "QE_TOKEN")), _get(environ, "QE_URL")
    if not (token and url):
        return None
    hub, group, project = (_get(environ, f"QE_{name}") for name in ("HUB", "GROUP", "PROJECT"))
    return _credentials("QE_TOKEN, QE_URL", token, url, hub=hub, group=group, project=project)


def platform_credentials(environ: Mapping[str, str] | None = None) -> Credentials | None:
    """The account in ``QISKIT_IBM_TOKEN``, ``None`` unless it is set.

    ``QISKIT_IBM_INSTANCE`` names its instance, ``QISKIT_IBM_CHANNEL`` its channel, else that of
    today's service; without ``QISKIT_IBM_URL`` the address is that of the channel.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the instance cannot be one.
        IBMQAccountCredentialsInvalidToken: the token cannot be one.
        IBMQAccountCredentialsInvalidUrl: the address is not an http(s) address.
    """
    token = hide(_get(environ, "QISKIT_IBM_TOKEN"))
    if not token:
        return None
    channel = _get(environ, "QISKIT_IBM_CHANNEL")
    url = _get(environ, "QISKIT_IBM_URL") or CHANNEL_URLS.get(channel, PLATFORM_URL)
    instance = hide(_get(environ, "QISKIT_IBM_INSTANCE"))
    # What the official client takes for no channel at all leaves the matter to the address.
    known = channel if channel in CHANNEL_URLS else _DEFAULT_CHANNEL if not channel else None
    return _credentials(
        "QISKIT_IBM_TOKEN, QISKIT_IBM_URL", token, url, instance=instance, channel=known
    )


def _get(environ: Mapping[str, str] | None, name: str) -> str:
    return (os.environ if environ is None else environ).get(name, "").strip()


def _credentials(where: str, token: str, url: str, **parts: str | None) -> Credentials:
    try:
        return Credentials(token, url, **parts)
    except (IBMQAccountCredentialsInvalidToken, IBMQAccountCredentialsInvalidUrl) as error:
        raise type(error)(f"Environment ({where}): {error.message}") from error
    except IBMQAccountValueError as error:
        raise IBMQAccountCredentialsInvalidFormat(f"Environment: {error.message}") from error
