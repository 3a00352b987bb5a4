"""Whether a service answers at all: one request, without a token and without a second attempt."""

from __future__ import annotations

from typing import Final

import httpx

from ibmq_backend._http.client import build_client
from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._secrets.redact import redact
from ibmq_backend.api.connect import Account
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import ApiProtocolError, ApiStatusError

PROBE_SECONDS: Final = 5.0
"""Time limit of the request."""


def probe(account: Account) -> tuple[int | None, str | None]:
    """Send one request to the URL of an account, with its proxies and certificates.

    Returns:
        The HTTP status, ``None`` if there is no answer, and then the reason as a sentence.

    Raises:
        IBMQAccountValueError: the proxies or certificates cannot be used.
    """
    settings = NetworkSettings(
        proxies=account.proxies or None, verify=account.verify, retry=RetryPolicy(attempts=1)
    )
    client = build_client(settings, operation_of=lambda _: None)
    with client, time_limit(PROBE_SECONDS):
        try:
            return client.get(account.base_url).status_code, None
        except (ApiStatusError, ApiProtocolError) as error:
            return error.status_code, None
        except httpx.HTTPError as error:
            return None, redact(f"{str(error) or type(error).__name__}.")
