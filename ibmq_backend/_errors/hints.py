"""The meaning of each error class and what to do about it.

docs/errors.md is generated from these rows and those of the adapters. Errors caused by a service
have the text as ``error.hint``.
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
        cause: what happened.
        text: what to do, in one or two sentences.
    """

    cause: str
    text: str


_NETWORK: Final = (
    "Check the URL and the network, and call again: automatic retries have failed. docs/network.md "
    "describes proxies and certificates."
)
_REPORT: Final = (
    "Call again. If the error persists, the URL belongs to another kind of service, or the service "
    "has changed: report operation, path and trace id."
)
_ACCOUNTS: Final = (
    "`ibmq-backend account list` shows all accounts. Replace one with "
    "IBMQ.save_account(..., overwrite=True)."
)
_WAIT: Final = "Wait and call again; nothing is lost, and job.result() retries by itself."

BY_CLASS: Final[dict[str, Hint]] = {
    "IBMQError": Hint(
        "Something is missing or not allowed here.",
        "The message says what, and what to do instead.",
    ),
    "IBMQAccountCredentialsNotFound": Hint(
        "No account was found.",
        "Save one with IBMQ.save_account(api_key, instance=...), or use IBMQ.enable_local().",
    ),
    "IBMQAccountCredentialsInvalidFormat": Hint(
        "A file or environment variable with an account cannot be read.",
        "The message names the file and line: correct it, or move the file away.",
    ),
    "IBMQAccountCredentialsInvalidToken": Hint(
        "The token is not text, is empty, contains a control character, or is an instance or URL.",
        "Copy the token or API key again from the web page of the account.",
    ),
    "IBMQAccountCredentialsInvalidUrl": Hint(
        "The URL is not valid, does not lead to a service, or is not encrypted.",
        "Use the login URL, with https unless the service runs on this machine.",
    ),
    "IBMQAccountMultipleCredentialsFound": Hint(
        "An old credentials file contains several accounts.",
        "IBMQ.update_account() merges them; `ibmq-backend account use NAME` chooses one.",
    ),
    "IBMQProviderError": Hint(
        "No account is active, or not exactly one provider matches.",
        "IBMQ.providers() lists the providers; specify hub, group and project, or the instance.",
    ),
    "IBMQAccountError": Hint(
        "An account is already active, or none is, or its instance cannot be used.",
        "IBMQ.active_account() shows the active account; IBMQ.disable_account() closes it.",
    ),
    "IBMQAccountValueError": Hint(
        "An argument for an account is not valid.", "The message names it and the valid values."
    ),
    "IBMQInputValueError": Hint(
        "An argument is not valid.", "The message names it and the valid values."
    ),
    "IBMQNotAuthorizedError": Hint(
        "The account does not offer this service.", "provider.services() lists its services."
    ),
    "IBMQApiError": Hint(
        "A call to the service failed, outside backends and jobs.",
        "error.hint says what to do, error.status_code and error.code what the service answered.",
    ),
    "IBMQBackendError": Hint(
        "The backend cannot do this, or the job belongs to another backend.",
        "The message says which backend to use.",
    ),
    "IBMQBackendApiError": Hint(
        "A call to the service failed while a backend was used.",
        "error.hint says what to do, error.status_code and error.code what the service answered.",
    ),
    "IBMQBackendApiProtocolError": Hint(
        "The service's description of a backend cannot be interpreted.", _REPORT
    ),
    "IBMQBackendValueError": Hint(
        "An argument is not valid, or the circuits cannot run on this backend; nothing was sent.",
        "The message names it; for circuits, run transpile(circuit, backend) first.",
    ),
    "IBMQBackendJobLimitError": Hint(
        "The limit of unfinished jobs on this backend is reached; no job was created.",
        "Wait for a job to end, or cancel one: backend.active_jobs() lists them.",
    ),
    "IBMQJobError": Hint("Base class of job errors.", "See the row of the subclass."),
    "IBMQJobApiError": Hint(
        "A call to the service failed while a job was used; the job continues.",
        "Call again; error.hint says what to do.",
    ),
    "IBMQJobFailureError": Hint(
        "The job failed.",
        "job.error_message() says why; result(partial=True) returns the results that exist.",
    ),
    "IBMQJobInvalidStateError": Hint(
        "The state of the job does not allow this, or an argument is not valid.",
        "job.status() returns the state; the message says what is missing.",
    ),
    "IBMQJobTimeoutError": Hint(
        "The job did not end in the given time; it continues.",
        "Call result() again with a longer timeout, or fetch it later: "
        "backend.retrieve_job(job_id).",
    ),
    "IBMQJobSubmissionUncertain": Hint(
        "The connection was lost, so it is not known whether a job was created.",
        "Check before running it again: backend.jobs(job_tags=[error.submission_id]).",
    ),
    "IBMQJobManagerError": Hint(
        "A call failed while a job set was used; its jobs continue.",
        "job_set.report() shows the state of each job; call again.",
    ),
    "IBMQJobManagerInvalidStateError": Hint(
        "The state of the job set does not allow this.",
        "job_set.statuses() returns the state of each job.",
    ),
    "IBMQJobManagerTimeoutError": Hint(
        "The jobs of a set did not end in the given time; they continue.",
        "Call results() again with a longer timeout.",
    ),
    "IBMQJobManagerJobNotFound": Hint(
        "No job of the set contains this experiment.", "job_set.report() lists its experiments."
    ),
    "IBMQJobManagerUnknownJobSet": Hint(
        "No jobs have this job set id.", "Check the id and the provider with which it was run."
    ),
    "IBMQManagedResultDataNotAvailable": Hint(
        "The job of this experiment has no result.",
        "job_set.error_messages() says why; results(partial=True) returns the others.",
    ),
    "InvalidCredentialsFormatError": Hint("A credentials file cannot be read.", _ACCOUNTS),
    "CredentialsNotFoundError": Hint("These credentials are not stored.", _ACCOUNTS),
    "HubGroupProjectInvalidStateError": Hint(
        "Only a part of hub, group and project is given.", "Specify all three, or none."
    ),
    "ApiError": Hint(
        "A call to the service failed, or the request is too large for it.",
        "The message says which; if it is the size, submit fewer circuits at once.",
    ),
    "ApiConnectionError": Hint("No usable reply arrived.", _NETWORK),
    "ApiTimeoutError": Hint("The service did not answer in time.", _WAIT),
    "ApiStatusError": Hint(
        "The service refused the request.",
        "The message is the service's own; the error code tells more.",
    ),
    "ApiAuthError": Hint(
        "The service does not accept the token (401).",
        "Copy the token again and save it: IBMQ.save_account(token, url, overwrite=True).",
    ),
    "AuthenticationLicenseError": Hint(
        "The user of the account must accept a licence first.",
        "Log in on the web page of the service and accept it there.",
    ),
    "ApiForbidden": Hint(
        "The account may not do this (403).",
        "Check hub, group and project, or the instance: IBMQ.providers() lists them.",
    ),
    "ApiNotFound": Hint(
        "The service does not know this job, device or path (404).",
        "Check the id or name, and the provider: only the provider that ran a job finds it.",
    ),
    "ApiConflict": Hint(
        "The state of the job or resource does not allow this (409).",
        "job.refresh() updates the state; only a job that has not ended can be cancelled.",
    ),
    "ApiRateLimited": Hint("Too many requests (429).", _WAIT),
    "ApiServerError": Hint("The service failed (500 and above).", _WAIT),
    "ApiProtocolError": Hint("The reply does not match the service description.", _REPORT),
    "ApiInputError": Hint(
        "The input cannot run on this service; nothing was sent.",
        "The message names the instruction or value; run transpile(circuit, backend) first.",
    ),
    "ApiNotSupported": Hint(
        "This service has no such operation.", "docs/platform.md compares the services."
    ),
}
"""The row of each class, by name; base classes that are never raised have none."""


def hint_for(error: exceptions.IBMQError) -> str | None:
    """Return what to do about an error, by its class or the nearest base class with a row."""
    for cls in type(error).__mro__:
        if cls.__name__ in BY_CLASS:
            return BY_CLASS[cls.__name__].text
    return None
