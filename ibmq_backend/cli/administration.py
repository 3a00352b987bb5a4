"""``ibmq-backend admin``, which lists and cancels the jobs of all users of a server."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.output import print_json, print_table, print_text
from ibmq_backend.cli.parser import DEFAULT_URL
from ibmq_backend.emulator.http.serve_options import ADMIN_TOKEN_VARIABLE

if TYPE_CHECKING:
    from ibmq_backend.api.administration import Administration

_TOKEN: Final = re.compile("[!-~]+")


def run(options: argparse.Namespace) -> int:
    """Run ``admin jobs`` or ``admin cancel``.

    Raises:
        CommandError: no admin token is set, or the job cannot be cancelled.
        IBMQAccountCredentialsInvalidUrl: the URL would send the token unencrypted.
        ApiError: the server cannot be reached or rejects the request.
    """
    with _administration(options) as server:
        if options.admin_command == "cancel":
            return _cancel(server, options.id)
        return _list(server, as_json=options.json)


def _list(server: Administration, *, as_json: bool) -> int:
    from attrs import asdict

    found = server.jobs()
    if as_json:
        print_json([asdict(job) for job in found])
        return 0
    rows = [
        {
            "id": job.id,
            "user": job.user,
            "backend": job.backend,
            "status": job.status,
            "dialect": job.dialect,
            "age": _duration(job.age_seconds),
            "running": _duration(job.running_seconds),
        }
        for job in found
    ]
    print_table(rows, "All jobs are finished.")
    return 0


def _cancel(server: Administration, job_id: str) -> int:
    status = server.cancel(job_id)
    if status != "CANCELLED":
        raise CommandError(f"Job {job_id} cannot be cancelled: it is {status}.")
    print_text(f"Job {job_id} is cancelled.")
    return 0


@contextmanager
def _administration(options: argparse.Namespace) -> Iterator[Administration]:
    token = os.environ.get(ADMIN_TOKEN_VARIABLE, "").strip()
    if not _TOKEN.fullmatch(token):
        raise CommandError(
            f"The environment variable {ADMIN_TOKEN_VARIABLE} is not set to an admin token. Set it "
            "to the token that `ibmq-backend serve` prints or that is in its accounts file."
        )
    from ibmq_backend.api.administration import Administration

    server = Administration(options.url or DEFAULT_URL, token)
    try:
        yield server
    finally:
        server.close()


def _duration(seconds: float | None) -> str | None:
    return None if seconds is None else str(timedelta(seconds=round(seconds)))
