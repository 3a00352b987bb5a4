"""The batch of a job set, on services that have batches."""

from __future__ import annotations

import math
import time
from typing import Any, Final

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.port import Capability
from ibmq_backend.backend.session import BATCH, Session
from ibmq_backend.backend.variants import IBMQBackend
from ibmq_backend.exceptions import IBMQBackendError, IBMQError, IBMQJobSubmissionUncertain

logger = get_logger(__name__)

USED_SHARE: Final = 0.5
"""Share of the life of a batch in which jobs are added, since those that wait at its end fail."""

_CLOSED_CODES: Final = frozenset({1217, 4001})
_CLOSED_STATUSES: Final = frozenset({404, 409})


class SetBatch:
    """A batch that is open while the jobs of a set are submitted.

    The set does not depend on it: without a batch, its jobs are submitted one by one.

    Args:
        backend: backend that runs the jobs.
    """

    def __init__(self, backend: IBMQBackend) -> None:
        self._backend = backend
        self._batch: Session | None = None
        self._end = math.inf

    def open(self) -> None:
        """Open a batch if the service has batches and the user has no session open.

        Wire: createSession.
        """
        has_batches = Capability.SESSIONS in self._backend._api_client.capabilities
        if not has_batches or self._backend.session is not None:
            return
        try:
            self._batch = self._backend._opened(BATCH)
        except IBMQError as error:
            logger.warning("The jobs of the set are submitted without a batch: %s", error.message)
            return
        if self._batch.max_time is not None:
            self._end = time.monotonic() + USED_SHARE * self._batch.max_time

    def options(self) -> dict[str, Any]:
        """Return the options of ``run()`` for the next job."""
        if self._batch is not None and time.monotonic() >= self._end:
            self.close()
        return {} if self._batch is None else {"session_id": self._batch.session_id}

    def close(self) -> None:
        """Accept no more jobs; those that were submitted still run. Wire: updateSession."""
        batch, self._batch = self._batch, None
        if batch is None:
            return
        try:
            batch.close()
        except IBMQError as error:
            logger.info("The batch ends by itself: %s", error.message)


def is_closed(error: IBMQBackendError) -> bool:
    """Return whether a job was refused because its session is closed or forgotten."""
    if isinstance(error, IBMQJobSubmissionUncertain):
        return False
    if error.code is None:
        return error.status_code in _CLOSED_STATUSES
    return error.code in _CLOSED_CODES
