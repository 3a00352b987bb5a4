"""A recording that contains a secret is not written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from vcr.request import Request

from ibmq_backend.testing.leaks import SecretFound, check


def interaction(
    body: object = "",
    reply: object = "",
    url: str = "https://s/",
    headers: dict[str, str] | None = None,
) -> tuple[Request, dict[str, Any]]:
    texts = [part if isinstance(part, str) else json.dumps(part) for part in (body, reply)]
    response = {"headers": {}, "body": {"string": texts[1].encode()}}
    return Request("POST", url, texts[0].encode(), headers or {}), response


CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0a1b2c3d4e5f:11111111-2222::"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "fine\nAuthorization: Bearer abcdef.ghijk",
            "line 2 of the recording still contains a bearer",
        ),
        ("eyJhbGciOi.eyJzdWIi.c2ln", "a JSON web token"),
        ("https://s/x?Signature=abc", "a signature"),
        ("crn:v1:bluemix:public:quantum-computing:us-east:a/9b:8c::", "a cloud resource name"),
        ("0123456789abcdef" * 4, "an API token"),
        ("aB3_" * 11, "an API key"),
        ("ada@ibm.com", "an e-mail address"),
    ],
)
def test_forms_of_secrets(text: str, kind: str) -> None:
    with pytest.raises(SecretFound, match=kind) as caught:
        check(text, [])
    assert text.splitlines()[-1] not in str(caught.value)


@pytest.mark.parametrize(
    ("sent", "secret"),
    [
        (interaction({"apiToken": "plain words"}), "plain words"),
        (interaction("grant_type=x&apikey=ab-cd-ef-gh"), "ab-cd-ef-gh"),
        (interaction(reply={"users": [{"firstName": "Augustina"}]}), "Augustina"),
        (interaction(reply={"ims_user_id": 12345678}), "12345678"),
        (interaction(headers={"x-access-token": "short-token"}), "short-token"),
        (interaction(headers={"service-crn": CRN}), "0a1b2c3d4e5f"),
        (interaction(headers={"service-crn": CRN}), "11111111-2222"),
        (interaction(headers={"authorization": "Basic dXNlcjpwYXNz"}), "dXNlcjpwYXNz"),
        (interaction(url="https://s/x?access_token=not-so-long"), "not-so-long"),
    ],
)
def test_secrets_in_requests_and_replies(sent: Any, secret: str) -> None:
    check("everything else", [sent])
    with pytest.raises(SecretFound, match="line 2") as caught:
        check(f"first\nand {secret}", [sent])
    assert secret not in str(caught.value)


def test_given_secrets_placeholders_and_numbers() -> None:
    with pytest.raises(SecretFound, match="a secret of the account"):
        check("the-password", [], ["the-password"])
    check(
        "Bearer access-token-1 person-1@example.org "
        "crn:v1:bluemix:public:quantum-computing:us-east:a/account-1:instance-1:: "
        "?signature=signature-1",
        [interaction({"apiToken": "api-token-1", "refresh_token": "not_supported"})],
    )
    check('"__type__": "ndarray", "__value__": "' + "aB3" * 30 + '"', [])
