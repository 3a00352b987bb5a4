"""Making exactly one thing with a request that must not be repeated blindly.

What is made carries an id of ours, so that after an unclear outcome it can be looked up before
anything is sent again. Used by both dialects for creating jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from attrs import evolve

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.backoff import Backoff
from ibmq_backend.exceptions import ApiAuthError, ApiError, IBMQJobSubmissionUncertain

T = TypeVar("T")

_logger = get_logger(__name__)

SEND_AGAIN: Final = 2
"""Times a creation is repeated that certainly made no job."""

LOOK_UP: Final = Backoff(first=1.0, growth=2.0, tries=4)
"""Looks for a job whose creation may still be under way."""

DECIDED_LOOKS: Final = 2
"""How many of these looks follow a reply that settles the matter: lists may lag behind."""

_LOGINS: Final = frozenset({"loginWithToken", "exchangeToken"})
"""Where these are refused the account is, and what it was to do was never sent or not done."""

_DECIDED: Final = frozenset({401, 500, 503})
# These replies come when the service has finished with the request: a job that is not there
# now will not appear later. Gateways (502, 504, 520 to 527) answer while it may go on.


def create_once(
    create: Callable[[], T],
    find: Callable[[], T | None],
    submission_id: str,
    sleep: Callable[[float], None],
) -> T:
    """Create a job, and be sure that there is one and not two.

    Args:
        create: sends the creation.
        find: looks the job up by its submission id.
        submission_id: for the error.
        sleep: waits so many seconds.

    Raises:
        IBMQJobSubmissionUncertain: the service cannot be asked whether there is a job.
        ApiError: there is no job.
        BaseException: an interruption; a note on it says how to look for the job.
    """
    note = (
        "The submission was interrupted and may have made a job. To find out: "
        f"backend.jobs(job_tags=[{submission_id!r}])."
    )
    with if_interrupted(lambda interruption: interruption.add_note(note)):
        return _create_once(create, find, submission_id, sleep)


@contextmanager
def if_interrupted(react: Callable[[BaseException], object]) -> Iterator[None]:
    """Do something about an interruption, as Ctrl-C, before it goes on; errors pass untouched.

    Args:
        react: told of the interruption.
    """
    try:
        yield
    except BaseException as interruption:
        if not isinstance(interruption, Exception):
            react(interruption)
        raise


def _create_once(
    create: Callable[[], T],
    find: Callable[[], T | None],
    submission_id: str,
    sleep: Callable[[float], None],
) -> T:
    for turns_left in range(SEND_AGAIN, -1, -1):
        try:
            return create()
        except ApiError as error:
            refused = not error.accepted and not isinstance(error, ApiAuthError)
            if (
                refused
                or error.operation in _LOGINS
                or (isinstance(error, ApiAuthError) and not turns_left)
            ):
                raise
            decided = error.status_code in _DECIDED
            found = _look_up(find, submission_id, error, decided, sleep)
            if found is not None:
                _logger.info("The lost reply to createJob was about a job that exists.")
                return found
            if not decided:
                raise uncertain(
                    submission_id,
                    f"{error.message} The service knows no such job so far, but may still be "
                    "making it.",
                ) from error
            if not turns_left:
                raise
    raise AssertionError("the last turn returns or raises")


def _look_up(
    find: Callable[[], T | None],
    submission_id: str,
    error: ApiError,
    decided: bool,
    sleep: Callable[[float], None],
) -> T | None:
    looks = evolve(LOOK_UP, tries=DECIDED_LOOKS) if decided else LOOK_UP
    for pause in (0.0, *looks.pauses()):
        if pause:
            sleep(pause)
        try:
            found = find()
        except ApiAuthError as refusal:
            if isinstance(error, ApiAuthError) and refusal.operation in _LOGINS:
                raise refusal from None  # the account is refused altogether: no job
            raise uncertain(submission_id, f"{error.message} {refusal.message}") from refusal
        except ApiError as failure:
            raise uncertain(submission_id, f"{error.message} {failure.message}") from failure
        if found is not None:
            return found
    return None


def uncertain(submission_id: str, why: str) -> IBMQJobSubmissionUncertain:
    """Return the error for a submission of which nobody knows whether it made a job."""
    return IBMQJobSubmissionUncertain(
        f"It is not known whether the submission made a job: {why} Before submitting again, look "
        f"for it with backend.jobs(job_tags=[{submission_id!r}]).",
        submission_id,
    )
