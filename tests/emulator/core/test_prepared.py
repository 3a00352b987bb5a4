"""Entity tags of prepared documents."""

from __future__ import annotations

import pytest

from ibmq_backend.emulator.core.prepared import Prepared

DOCUMENT = Prepared(b"[]")


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        (None, False),
        ("", False),
        (DOCUMENT.etag, True),
        (f"W/{DOCUMENT.etag}", True),
        (f'"other", {DOCUMENT.etag}', True),
        ("*", True),
        (DOCUMENT.etag.strip('"'), False),
        (Prepared(b"{}").etag, False),
    ],
)
def test_which_documents_a_client_knows(sent: str | None, known: bool) -> None:
    assert DOCUMENT.is_known(sent) is known
