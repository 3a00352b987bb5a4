"""A recording that still holds a secret is not written."""

from __future__ import annotations

import json

import pytest

from ibmq_backend.testing.exchanges import Exchange
from ibmq_backend.testing.leaks import SecretFound, check


def exchange(
    body: object = "",
    reply: object = "",
    url: str = "https://s/",
    headers: dict[str, str] | None = None,
) -> Exchange:
    texts = [part if isinstance(part, str) else json.dumps(part) for part in (body, reply)]
    return Exchange("POST", url, headers or {}, texts[0].encode(), 200, {}, texts[1].encode())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "fine\nAuthorization: Bearer abcdef.ghijk",
            "line 2 of the recording still holds a bearer",
        ),
        ("eyJhbGciOi.eyJzdWIi.c2ln", "a JSON web token"),
        ("https://s/x?Signature=abc", "a signature"),
        ("crn:v1:bluemix:public:quantum-computing:us-east:a/9b:8c::", "a cloud resource name"),
        ("0123456789abcdef" * 4, "an API token"),
        ("aB3_" * 11, "an API key"),
        ("ada@ibm.com", "an e-mail address"),
    ],
)
def test_shapes_of_secrets(text: str, kind: str) -> None:
    with pytest.raises(SecretFound, match=kind) as caught:
        check(text, [])
    assert text.splitlines()[-1] not in str(caught.value)


@pytest.mark.parametrize(
    ("seen", "secret"),
    [
        (exchange({"apiToken": "plain words"}), "plain words"),
        (exchange("grant_type=x&apikey=ab-cd-ef-gh"), "ab-cd-ef-gh"),
        (exchange(reply={"users": [{"firstName": "Augustina"}]}), "Augustina"),
        (exchange(headers={"x-access-token": "short-token"}), "short-token"),
        (exchange(headers={"authorization": "Basic dXNlcjpwYXNz"}), "dXNlcjpwYXNz"),
        (exchange(url="https://s/x?access_token=not-so-long"), "not-so-long"),
    ],
)
def test_secrets_that_went_over_the_wire(seen: Exchange, secret: str) -> None:
    check("everything else", [seen])
    with pytest.raises(SecretFound, match="line 2") as caught:
        check(f"first\nand {secret}", [seen])
    assert secret not in str(caught.value)


def test_given_secrets_stand_ins_and_data() -> None:
    with pytest.raises(SecretFound, match="a secret that was given"):
        check("the-password", [], ["the-password"])
    check(
        "Bearer access-token-1 person-1@example.org "
        "crn:v1:bluemix:public:quantum-computing:us-east:a/account-1:instance-1:: "
        "?signature=signature-1",
        [exchange({"apiToken": "api-token-1", "refresh_token": "not_supported"})],
    )
    check('"__type__": "ndarray", "__value__": "' + "aB3" * 30 + '"', [])
