"""What each error means and what to do about it: one row for each class that a program can meet.

docs/errors.md is made from these rows and those of the adapters; an error of a service carries the
sentence as ``error.hint``.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from ibmq_backend import exceptions

__all__ = ["BY_CLASS", "Hint", "hint_for"]


@frozen
class Hint:
    """A row of the table.

    Attributes:
        cause: what has happened.
        text: what to do, one or two sentences.
    """

    cause: str
    text: str


_NETWORK: Final = (
    "Check the address and the network, and call again: what may be repeated has been repeated "
    "already. docs/network.md tells of proxies and certificates."
)
_REPORT: Final = (
    "Call again; where it stays so, the service is another one than the account says, or it has "
    "changed: report operation, path and trace id."
)
_ACCOUNTS: Final = (
    "IBMQ.stored_account() shows it, IBMQ.save_account(token, overwrite=True) mends it."
)
_WAIT: Final = "Wait and call again; nothing is lost, and job.result() outlasts it by itself."

BY_CLASS: Final[dict[str, Hint]] = {
    "IBMQError": Hint(
        "Something is missing or not allowed here.", "The message says what, and the way round it."
    ),
    "IBMQAccountCredentialsNotFound": Hint(
        "There is no account where one is needed.",
        "Save one with IBMQ.save_account(token), or use IBMQ.enable_local().",
    ),
    "IBMQAccountCredentialsInvalidFormat": Hint(
        "A file or variable with an account cannot be read.",
        "The message names file and line: mend it, or move the file away.",
    ),
    "IBMQAccountCredentialsInvalidToken": Hint(
        "The token is not text, is empty, or holds a control character.",
        "Copy it again from the web page of the account.",
    ),
    "IBMQAccountCredentialsInvalidUrl": Hint(
        "The address is none, leads to no service, or is not encrypted.",
        "Give the login address, https unless it is this machine.",
    ),
    "IBMQAccountMultipleCredentialsFound": Hint(
        "A file of the first generation holds several accounts.",
        "IBMQ.update_account() makes one of them.",
    ),
    "IBMQProviderError": Hint(
        "No provider, or more than one, is what was asked for, or no account is active.",
        "IBMQ.providers() lists them; give hub, group and project, or the instance.",
    ),
    "IBMQAccountError": Hint(
        "The account is not in the state that is needed, or its instance cannot be used.",
        "IBMQ.active_account() tells which is active; IBMQ.disable_account() ends it.",
    ),
    "IBMQAccountValueError": Hint(
        "An argument about an account cannot be used.", "The message names it and its form."
    ),
    "IBMQInputValueError": Hint(
        "An argument cannot be used.", "The message names it and what it may be."
    ),
    "IBMQNotAuthorizedError": Hint(
        "The account does not offer this service.", "provider.services() lists what it offers."
    ),
    "IBMQApiError": Hint(
        "A call to the service failed, outside backends and jobs.",
        "The error behind it (error.__cause__) says how: see its row.",
    ),
    "IBMQBackendError": Hint(
        "The backend cannot do this, or the job belongs to another one.",
        "The message says which backend to use.",
    ),
    "IBMQBackendApiError": Hint(
        "A call to the service failed while a backend was used.",
        "The error behind it (error.__cause__) says how: see its row.",
    ),
    "IBMQBackendApiProtocolError": Hint(
        "What the service says of a backend cannot be understood.", _REPORT
    ),
    "IBMQBackendValueError": Hint(
        "An argument cannot be used, or the circuits cannot run there; nothing was sent.",
        "The message names it; for circuits run transpile(circuit, backend) first.",
    ),
    "IBMQBackendJobLimitError": Hint(
        "The limit of unfinished jobs of this backend is reached; no job was made.",
        "Wait for one to end, or cancel one: backend.active_jobs() lists them.",
    ),
    "IBMQJobError": Hint("Something about a job.", "See the row of the class itself."),
    "IBMQJobApiError": Hint(
        "A call to the service failed while a job was used; the job goes on.",
        "The error behind it (error.__cause__) says how: see its row, and call again.",
    ),
    "IBMQJobFailureError": Hint(
        "The job failed.", "job.error_message() says why; result(partial=True) gives what there is."
    ),
    "IBMQJobInvalidStateError": Hint(
        "The job is not in a state, or an argument not of a form, in which this can be done.",
        "job.status() tells the state; the message says what is missing.",
    ),
    "IBMQJobTimeoutError": Hint(
        "The job did not end in the time given; it goes on.", "Call result() again, with more time."
    ),
    "IBMQJobSubmissionUncertain": Hint(
        "The connection was lost so that nobody knows whether there is a job.",
        "Look before running it again: backend.jobs(job_tags=[error.submission_id]).",
    ),
    "IBMQJobManagerError": Hint(
        "A call failed while a job set was used; its jobs go on.",
        "job_set.report() tells the state of each job; call again.",
    ),
    "IBMQJobManagerInvalidStateError": Hint(
        "The job set is not in a state in which this can be done.",
        "job_set.statuses() tells the state of each job.",
    ),
    "IBMQJobManagerTimeoutError": Hint(
        "The jobs of a set did not end in the time given; they go on.",
        "Call results() again, with more time.",
    ),
    "IBMQJobManagerJobNotFound": Hint(
        "No job of the set holds this experiment.", "job_set.report() lists what it holds."
    ),
    "IBMQJobManagerUnknownJobSet": Hint(
        "No jobs carry this job set id.", "Check the id and the provider that it was run with."
    ),
    "IBMQManagedResultDataNotAvailable": Hint(
        "The job of this experiment has no result.",
        "job_set.error_messages() says why; results(partial=True) gives the others.",
    ),
    "InvalidCredentialsFormatError": Hint("A credentials file cannot be read.", _ACCOUNTS),
    "CredentialsNotFoundError": Hint("These credentials are not stored.", _ACCOUNTS),
    "HubGroupProjectInvalidStateError": Hint(
        "Only a part of hub, group and project is given.", "Give all three, or none."
    ),
    "ApiError": Hint(
        "A call to the service failed, or what was to be sent is too large for it.",
        "The message says which; submit fewer circuits at once where it is the size.",
    ),
    "ApiConnectionError": Hint("No usable reply came.", _NETWORK),
    "ApiTimeoutError": Hint("The service did not answer in time.", _WAIT),
    "ApiStatusError": Hint(
        "The service refused the request.", "The message is the service's own; the code says more."
    ),
    "ApiAuthError": Hint(
        "The service does not accept the token (401).",
        "Copy the token again and save it: IBMQ.save_account(token, overwrite=True).",
    ),
    "AuthenticationLicenseError": Hint(
        "The account has to accept a licence first.",
        "Log in on the web page of the service and accept it there.",
    ),
    "ApiForbidden": Hint(
        "The account may not do this (403).",
        "Check hub, group and project, or the instance: IBMQ.providers() lists all of them.",
    ),
    "ApiNotFound": Hint(
        "The service does not know this job, device or path (404).",
        "Check the id or name, and the provider: a job is found only where it was run.",
    ),
    "ApiConflict": Hint(
        "It is not in a state in which this can be done (409).",
        "job.refresh() reads the state; cancelling needs a job that has not ended.",
    ),
    "ApiRateLimited": Hint("Too many requests (429).", _WAIT),
    "ApiServerError": Hint("The service failed (500 and above).", _WAIT),
    "ApiProtocolError": Hint("The reply is not what the service description says.", _REPORT),
    "ApiInputError": Hint(
        "What was to be sent cannot run there; nothing was sent.",
        "The message names the instruction or value; run transpile(circuit, backend) first.",
    ),
    "ApiNotSupported": Hint(
        "This service has no such operation.", "docs/platform.md lists what each service offers."
    ),
}
"""Name of the class to its row; bases that are never raised by themselves have none."""


def hint_for(error: exceptions.IBMQError) -> str | None:
    """Return what to do about an error of this class, or of the nearest one above it."""
    for cls in type(error).__mro__:
        if cls.__name__ in BY_CLASS:
            return BY_CLASS[cls.__name__].text
    return None
