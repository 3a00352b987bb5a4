"""Pages of the job lists, selected by a filter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.classic.documents.jobs import (
    job_document,
    queued_job_document,
    queued_status_document,
)
from ibmq_backend.emulator.classic.filters.loopback import Filter, sort_documents
from ibmq_backend.emulator.classic.filters.selection import is_exact, select_for
from ibmq_backend.emulator.classic.state.state import DIALECT, ClassicState
from ibmq_backend.emulator.core.records import Instance, JobRecord
from ibmq_backend.emulator.store.job_scan import scan_jobs

_MAX_OFFSET: Final = 2**31


def job_page(
    state: ClassicState, account: Account, instance: Instance, job_filter: Filter, *, details: bool
) -> list[dict[str, Any]]:
    """Return one page of a user's jobs in a project.

    Args:
        state: the state of the dialect.
        account: the user.
        instance: the project.
        job_filter: the filter, which applies to full documents without ``infoQueue``.
        details: whether to return full documents or status documents.
    """
    service = state.service
    limit = min(job_filter.limit or service.settings.page_cap, service.settings.page_cap)
    by_creation = len(job_filter.order) <= 1 and all(
        path == "creationDate" for path, _ in job_filter.order
    )
    ascending = bool(job_filter.order) and by_creation and not job_filter.order[0][1]
    skip = job_filter.skip
    selection = replace(select_for(job_filter.where), ascending=ascending)
    exact = is_exact(job_filter.where)
    if by_creation and exact:
        selection, skip = replace(selection, offset=min(skip, _MAX_OFFSET)), 0
    matching: dict[str, JobRecord] = {}
    for record in scan_jobs(service.store, account.user_id, DIALECT, instance, selection):
        if exact or job_filter.matches(job_document(record)):
            matching[record.id] = record
        if by_creation and len(matching) >= skip + limit:
            break
    page = list(matching.values())
    if not by_creation:
        ordered = sort_documents(map(job_document, page), job_filter.order)
        page = [matching[document["id"]] for document in ordered]
    page = page[skip : skip + limit]
    make = queued_job_document if details else queued_status_document
    positions = service.queue_positions(page)
    return [job_filter.fields(make(record, positions.get(record.id))) for record in page]
