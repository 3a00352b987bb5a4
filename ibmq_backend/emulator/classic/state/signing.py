"""Presigned URLs of the object storage, which need no further authorization."""

from __future__ import annotations

import hmac
import re
from typing import Final

from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.core.clock import Clock, milliseconds
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.jobs import QOBJ, RESULT

_PREFIXES: Final = {QOBJ: "qObject", RESULT: "result"}
_OBJECT_NAME: Final = re.compile(r"(qObject|result)-([0-9a-f]{24})\.json")


class Signer:
    """Signer of URLs.

    Args:
        store: the database, whose secret is the signing key.
        clock: the clock of the service.
        lifetime_seconds: lifetime of a URL.
    """

    def __init__(self, store: Store, clock: Clock, lifetime_seconds: int) -> None:
        self._store = store
        self._clock = clock
        self._lifetime_seconds = lifetime_seconds

    def url(self, base_url: str, method: str, kind: str, job_id: str) -> str:
        """Return the URL to upload or download the data of a job.

        Args:
            base_url: base URL of the service, without a trailing slash.
            method: ``PUT`` or ``GET``.
            kind: ``qobj`` or ``result``.
            job_id: id of the job.
        """
        name = f"{_PREFIXES[kind]}-{job_id}.json"
        expires = milliseconds(self._clock.now()) // 1000 + self._lifetime_seconds
        signature = self._signature(method, name, str(expires))
        return f"{base_url}/storage/{name}?signature={signature}&expires={expires}"

    def check(self, method: str, object_name: str, signature: str, expires: str) -> tuple[str, str]:
        """Check a URL.

        Returns:
            The kind of the data and the id of the job.

        Raises:
            ServiceError: 403/2409, the signature is wrong or the URL has expired.
        """
        expected = self._signature(method, object_name, expires)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise errors.forbidden("The signature of the URL is wrong.")
        if int(expires) < milliseconds(self._clock.now()) // 1000:
            raise errors.forbidden("The URL has expired.")
        match = _OBJECT_NAME.fullmatch(object_name)
        if match is None:
            raise errors.forbidden("The URL does not name a stored object.")
        return (QOBJ if match.group(1) == _PREFIXES[QOBJ] else RESULT), match.group(2)

    def _signature(self, method: str, name: str, expires: str) -> str:
        return self._store.keyed_digest("address", f"{method}\0{name}\0{expires}")
