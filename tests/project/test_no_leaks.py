"""No cassette contains a secret or the name of a person."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest

from ibmq_backend.api.sampler.programs import NO_PARAMETERS
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.records import JobQuery, Submission
from ibmq_backend.testing.scrub import Scrubber
from tests.contract.targets import OPEN, SIMULATOR, Target, emulator
from tests.support import cassette_index, cassettes
from tests.support.builders import flipped
from tests.support.engines import FakeEngine
from tests.support.exchanges import watched_traffic

FILES: Final = [*sorted(cassettes.FOLDER.rglob("*.yaml")), cassettes.FOLDER / cassette_index.NAME]

SECRET_PATTERNS: Final = {
    "long hexadecimal text": r"(?<![0-9a-zA-Z])[0-9a-fA-F]{32,}(?![0-9a-zA-Z])",
    "long letters and digits": r"(?<![\w-])(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9]{40,}(?![\w-])",
    "JSON web token": r"\beyJ[\w-]{4,}\.[\w-]+",
    "Bearer": r"(?i)\bbearer\s+(?!access-token-\d)",
    "Amazon signature": r"(?i)x-amz-(?:signature|credential|security-token)=(?!signature-\d)",
    "signature": r"(?i)[?&]sig(?:nature)?=(?!signature-\d)",
    "access token": r"(?i)access[-_]?token[\"']?\s*[:=]\s*[\"']?(?!access-token-\d)\w",
    "API token": r"(?i)api-?_?(?:token|key)\"?\s*[:=]\s*\"?(?!api-token-\d)\w",
    "cloud resource name": r"\bcrn:v1:(?![\w:-]+:a/account-\d+:instance-\d+::)",
    "e-mail": r"[\w.+-]+@(?!example\.(?:org|com|net)\b)[\w-]+\.\w+",
    "cookie": r"(?i)cookie:",
    "address of a machine": r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\blocalhost\b",
    "person": r"\"(?:firstName|lastName|institution)\": \"(?!person-\d|\")",
    "user id": r"\"(?:userId|ownerId|createdBy)\": \"(?!user-id-\d)",
}
# Not secret: digests of the descriptions in the index, values of circuits without parameters.
DIGEST: Final = re.compile(r'"spec/\w+\.yaml" = "[0-9a-f]{64}"')


def leaks(text: str) -> list[str]:
    """Return the parts of a text that look like a secret."""
    text = DIGEST.sub("", text).replace(NO_PARAMETERS["__value__"], "")
    return [
        f"{name}: {match.group()[:20]}"
        for name, pattern in SECRET_PATTERNS.items()
        for match in re.finditer(pattern, text)
    ]


@pytest.mark.parametrize("path", FILES, ids=cassettes.shown)
def test_no_file_contains_what_looks_like_a_secret(path: Path) -> None:
    assert leaks(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "x-access-token: 0123456789",
        '{"apiToken": "abc"}',
        "Authorization: Bearer abc",
        "0123456789abcdef" * 4,
        "?signature=abc",
        "&X-Amz-Signature=abc",
        "eyJhbGciOi.eyJzdWIi.x",
        "crn:v1:bluemix",
        "crn:v1:bluemix:public:quantum-computing:us-east:a/9b:instance-1::",
        "ada@ibm.com",
        "Set-Cookie: a",
        "http://127.0.0.1:80",
        '"userId": "5ddc"',
        '"firstName": "Ada"',
    ],
)
def test_secrets_are_recognized(text: str) -> None:
    assert leaks(text)


def test_canaries_are_not_recorded(tmp_path: Path) -> None:
    canary = f"canary:{secrets.token_urlsafe(24)}"  # in no known form
    with emulator(Catalog(), FakeEngine(), {"open_mode": True}) as service:
        target = Target("cassette", service.url, canary, service)
        scrubber = Scrubber({service.url: cassettes.ORIGIN})
        path = tmp_path / "cassette.yaml"
        with cassettes.recorded(path, scrubber) as recording, watched_traffic() as seen:
            account = target.account(OPEN)
            submission = Submission(SIMULATOR, flipped(SIMULATOR), "submission-1")
            job_id = account.submit(submission).job_id
            account.job_input(job_id)
            list(account.jobs(JobQuery(), limit=None))
            target.close()
        address = service.url.removeprefix("http://")
    recording.save()
    text = path.read_text(encoding="utf-8")

    sent = [one.headers for one in seen]
    access_tokens = {headers["x-access-token"] for headers in sent if "x-access-token" in headers}
    queries = [parse_qs(urlsplit(one.url).query) for one in seen]
    signatures = {query["signature"][0] for query in queries if "signature" in query}
    replies = b"".join(one.reply_body for one in seen).decode()
    users = set(re.findall(r'"userId":"([0-9a-f]{24})"', replies))
    people = set(re.findall(r"[\w.-]+@[\w.-]+", replies))
    traces = {one.reply_headers["uber-trace-id"] for one in seen}
    canaries = {canary, address, *access_tokens, *signatures, *users, *people, *traces}
    assert len(access_tokens) == 1
    assert len(signatures) == 2
    assert users
    assert people
    assert traces
    assert [one for one in canaries if one in text] == []
    assert leaks(text) == []
    assert text.count("access-token-1") > len(seen) / 2
    assert job_id in text
