"""The device time that an instance has left, and what a job may take of it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Final

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import ApiError
from ibmq_backend.notices import notify_once, warn_once
from ibmq_backend.records import InstanceId, UsageRecord

logger = get_logger(__name__)

OPEN_PLAN_SECONDS: Final = 600
"""Device time of an open plan in 28 days, and the longest run of its jobs."""

MIN_EXECUTION_SECONDS: Final = 60
"""Shortest default of ``max_execution_time``, for a job of no length."""

ESTIMATES_ALLOWED: Final = 2
"""How many times the estimate a job may take by default, besides the minimum."""

READ_AGAIN_SECONDS: Final = 900.0
MAX_READ_SECONDS: Final = 10.0


class Budget:
    """The device time of an instance, read rarely and remembered.

    Args:
        instance: the instance.
        read: reads the usage of the instance, and calls :meth:`remember`.
        clock: monotonic clock in seconds.
    """

    def __init__(
        self,
        instance: InstanceId,
        read: Callable[[], UsageRecord],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._instance = instance
        self._read = read
        self._clock = clock
        self._lock = threading.RLock()
        self._usage: UsageRecord | None = None
        self._read_at: float | None = None
        self._planned = 0.0

    def remember(self, usage: UsageRecord) -> None:
        """Remember the usage that was just read."""
        with self._lock:
            self._usage, self._read_at, self._planned = usage, self._clock(), 0.0

    def plan(self, limit: int | None, seconds: float) -> int | None:
        """Return the longest time of a job to submit, and warn if it may need more than is left.

        On an open plan there is a default, since the service would allow the job the whole time of
        the plan.

        Args:
            limit: the longest time that the user wants, in seconds, if any.
            seconds: estimated time of the job on the device.

        Wire: getUsage, if it was not read in the last 15 minutes or the job may need more than is
        left.
        """
        need = min(seconds, limit or seconds)
        with self._lock:
            usage = self._usage_for(need)
            left = self._left()
            self._planned += need
        if limit is None and (most := self._open_plan_seconds(usage)):
            limit = min(math.ceil(MIN_EXECUTION_SECONDS + ESTIMATES_ALLOWED * seconds), most)
            notify_once(
                "max_execution_time",
                "On the open plan, run() limits the time of each job on the device, now to "
                f"{limit} s; run(..., max_execution_time=SECONDS) chooses it.",
            )
        logger.info(
            "The job may take %s on the device; estimated: %.1f s.",
            "the longest time of the plan" if limit is None else f"{limit} s",
            seconds,
        )
        if left is not None and need > left:
            self._warn(need, left)
        return limit

    def _usage_for(self, need: float) -> UsageRecord | None:
        """Return the usage, read again if it is old or does not allow the job."""
        age = math.inf if self._read_at is None else self._clock() - self._read_at
        left = self._left()
        if age > READ_AGAIN_SECONDS or (left is not None and need > left):
            try:
                with time_limit(MAX_READ_SECONDS):
                    self._read()
            except ApiError as error:
                self._read_at = self._clock()  # the next jobs do not wait for it too
                logger.info("The usage of the instance is not known: %s", error.message)
        return self._usage

    def _left(self) -> float | None:
        if self._usage is None:
            return None
        left = 0.0 if self._usage.limit_reached else self._usage.remaining_seconds
        return None if left is None else max(left - self._planned, 0.0)

    def _open_plan_seconds(self, usage: UsageRecord | None) -> int | None:
        """Return the longest run of a job on an open plan; ``None`` for other plans."""
        limit = None if usage is None else usage.limit_seconds
        plan = self._instance.plan
        if plan != "open" and (plan or limit is None or limit > OPEN_PLAN_SECONDS):
            return None
        return max(1, int(min(OPEN_PLAN_SECONDS, limit or OPEN_PLAN_SECONDS)))

    def _warn(self, need: float, left: float) -> None:
        label = self._instance.label
        text = (
            f"The instance {label!r} has {left:.0f} s of device time left, and this job may need "
            f"{math.ceil(need)} s."
        )
        logger.info(text)
        warn_once(f"usage of {label}", f"{text} provider.usage() returns what is left.")
