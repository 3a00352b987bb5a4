"""The job lists: which jobs of a user a filter selects, a page at a time."""

from __future__ import annotations

from typing import Any

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.classic.documents.jobs import (
    job_document,
    queued_job_document,
    queued_status_document,
)
from ibmq_backend.emulator.classic.filters.loopback import Filter, sort_documents
from ibmq_backend.emulator.classic.state.state import DIALECT, ClassicState
from ibmq_backend.emulator.core.records import Instance, JobRecord


def job_page(
    state: ClassicState, account: Account, instance: Instance, wanted: Filter, *, details: bool
) -> list[dict[str, Any]]:
    """Return one page of a user's jobs in a project.

    Args:
        state: the service.
        account: the user.
        instance: the project.
        wanted: the filter; it sees the full documents, without ``infoQueue``.
        details: whether to list full documents or status documents.
    """
    service = state.service
    limit = min(wanted.limit or service.settings.page_cap, service.settings.page_cap)
    by_creation = len(wanted.order) <= 1 and all(path == "creationDate" for path, _ in wanted.order)
    ascending = bool(wanted.order) and by_creation and not wanted.order[0][1]
    records: dict[str, JobRecord] = {}
    fitting: list[dict[str, Any]] = []
    for record in service.jobs.scan(
        account.user_id,
        DIALECT,
        instance,
        ascending=ascending,
        earliest=wanted.earliest,
        latest=wanted.latest,
    ):
        document = job_document(record)
        if wanted.matches(document):
            records[record.id] = record
            fitting.append(document)
        if by_creation and len(fitting) >= wanted.skip + limit:
            break
    if not by_creation:
        fitting = sort_documents(fitting, wanted.order)
    make = queued_job_document if details else queued_status_document
    page = [records[document["id"]] for document in fitting[wanted.skip : wanted.skip + limit]]
    return [wanted.fields(make(record, service.place_in_queue(record))) for record in page]
