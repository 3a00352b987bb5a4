"""Creates exactly one job, even if the reply to the request is lost.

Each job has a tag with the id of its submission. If the outcome of a request is unclear, the client
searches for a job with this tag before it sends anything again. Used by both adapters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

from attrs import evolve

from ibmq_backend._errors.causes import shown
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.backoff import Backoff
from ibmq_backend.exceptions import ApiAuthError, ApiError, IBMQJobSubmissionUncertain

T = TypeVar("T")

_logger = get_logger(__name__)

MAX_RESENDS: Final = 2
"""How often a request that certainly created no job is sent again."""

LOOK_UP: Final = Backoff(first=1.0, growth=2.0, tries=4)
"""Pauses between searches for a job whose creation may still be in progress."""

SEARCHES_AFTER_FINAL_REPLY: Final = 2
"""Number of searches after a final reply, since lists may lag behind."""

_note_creation: ContextVar[Callable[[], object] | None] = ContextVar(
    "ibmq_backend_note_creation", default=None
)

_LOGINS: Final = frozenset({"loginWithToken", "exchangeToken"})
"""A refusal of one of these concerns the account, so the job was not created."""

_FINAL_REPLIES: Final = frozenset({401, 500, 503})
# The service sends these replies when it has finished with the request, so a job that does not
# exist now will not appear later. Gateways (502, 504, 520 to 527) reply while the service may
# still be working.


def create_once(
    create: Callable[[], T],
    find: Callable[[], T | None],
    submission_id: str,
    sleep: Callable[[float], None],
) -> T:
    """Create a job and make sure that it is created only once.

    Args:
        create: sends the request.
        find: searches for the job by its submission id.
        submission_id: the id of the submission, for the error.
        sleep: waits for a number of seconds.

    Raises:
        IBMQJobSubmissionUncertain: the service cannot tell whether the job exists.
        ApiError: no job was created.
        BaseException: the call was interrupted; a note says how to search for the job.
    """
    note = (
        "The submission was interrupted and may have created a job. To find out: "
        f"backend.jobs(job_tags=[{submission_id!r}])."
    )
    with if_interrupted(lambda interruption: interruption.add_note(note)):
        created = _create_once(create, find, submission_id, sleep)
    note_creation = _note_creation.get()
    if note_creation is not None:
        note_creation()
    return created


@contextmanager
def noting_creation(note: Callable[[], object]) -> Iterator[None]:
    """Call a function when a job is created inside the block, before its data is uploaded."""
    token = _note_creation.set(note)
    try:
        yield
    finally:
        _note_creation.reset(token)


@contextmanager
def if_interrupted(react: Callable[[BaseException], object]) -> Iterator[None]:
    """Call a function if the block is interrupted, for example by Ctrl-C, but not on errors.

    Args:
        react: the function; its argument is the interruption, which is raised again afterwards.
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
    for turns_left in range(MAX_RESENDS, -1, -1):
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
            is_final = error.status_code in _FINAL_REPLIES
            found = _look_up(find, submission_id, error, is_final, sleep)
            if found is not None:
                _logger.info("The reply to createJob was lost, but the job exists.")
                return found
            if not is_final:
                raise uncertain(
                    submission_id,
                    f"{error.message} The service does not list the job yet, but may still be "
                    "creating it.",
                ) from shown(error)
            if not turns_left:
                raise
    raise AssertionError("the last iteration returns or raises")


def _look_up(
    find: Callable[[], T | None],
    submission_id: str,
    error: ApiError,
    is_final: bool,
    sleep: Callable[[float], None],
) -> T | None:
    searches = evolve(LOOK_UP, tries=SEARCHES_AFTER_FINAL_REPLY) if is_final else LOOK_UP
    for pause in (0.0, *searches.pauses()):
        if pause:
            sleep(pause)
        try:
            found = find()
        except ApiAuthError as refusal:
            if isinstance(error, ApiAuthError) and refusal.operation in _LOGINS:
                raise refusal from None  # the account itself is refused: no job
            raise uncertain(submission_id, f"{error.message} {refusal.message}") from refusal
        except ApiError as failure:
            raise uncertain(submission_id, f"{error.message} {failure.message}") from failure
        if found is not None:
            return found
    return None


def uncertain(submission_id: str, why: str) -> IBMQJobSubmissionUncertain:
    """Return the error for a submission that may or may not have created a job."""
    return IBMQJobSubmissionUncertain(
        f"It is not known whether the submission created a job: {why} Before submitting again, "
        f"search for it: backend.jobs(job_tags=[{submission_id!r}]).",
        submission_id,
    )
