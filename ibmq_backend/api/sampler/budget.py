"""The device time that an instance has left, and what a job may take of it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Final

from attrs import evolve

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import ApiError
from ibmq_backend.notices import notify_once, warn_once
from ibmq_backend.records import InstanceId, JobTerms, UsageRecord
from ibmq_backend.units import to_local

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

    def terms_for(self, terms: JobTerms, seconds: float) -> JobTerms:
        """Return the terms of a job to submit, and warn if it may need more than is left.

        On an open plan, ``max_execution_time`` gets a default, since the service would use the
        whole time of the plan.

        Args:
            terms: the terms that the user wants.
            seconds: estimated time of the job on the device.

        Wire: getUsage, if it was not read in the last 15 minutes or the job may need more than is
        left.
        """
        need = min(seconds, terms.max_execution_time or seconds)
        with self._lock:
            usage = self._usage_for(need)
            left = self._left()
            self._planned += need
        if terms.max_execution_time is None and (most := self._open_plan_seconds(usage)):
            wanted = math.ceil(MIN_EXECUTION_SECONDS + ESTIMATES_ALLOWED * seconds)
            terms = evolve(terms, max_execution_time=min(wanted, most))
            notify_once(
                "max_execution_time",
                "On the open plan, run() limits the time of each job on the device, now to "
                f"{terms.max_execution_time} s; run(..., max_execution_time=SECONDS) chooses it.",
            )
        limit = terms.max_execution_time
        logger.info(
            "The job may take %s on the device; estimated: %.1f s.",
            "the longest time of the plan" if limit is None else f"{limit} s",
            seconds,
        )
        if usage is not None and left is not None and need > left:
            self._warn(usage, need, left)
        return terms

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

    def _warn(self, usage: UsageRecord, need: float, left: float) -> None:
        label = self._instance.label
        end = "" if usage.end is None else f" until {to_local(usage.end):%Y-%m-%d %H:%M}"
        text = (
            f"The instance {label!r} has {left:.0f} s of device time left{end}, and this job may "
            f"need {math.ceil(need)} s."
        )
        logger.info(text)
        warn_once(f"usage of {label}", f"{text} provider.usage() returns what is left.")
