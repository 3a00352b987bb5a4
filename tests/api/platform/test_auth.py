"""Tests of keys, tokens, instances and regions."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs

import httpx
import pytest

from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.platform.auth import (
    LOOKUP_SECONDS,
    MAX_SEARCHED_INSTANCES,
    PLANS_SECONDS,
    PlatformServiceClient,
)
from ibmq_backend.api.platform.hints import NAME_THE_CRN
from ibmq_backend.api.platform.instances import InstanceFilters
from ibmq_backend.api.port import ServiceClient
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiConnectionError,
    ApiError,
    ApiNotSupported,
    ApiProtocolError,
    ApiServerError,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountError,
)
from ibmq_backend.records import InstanceId
from tests.support.fake_service import Turn
from tests.support.platform_replies import (
    ACCOUNT,
    API_KEY,
    CRN,
    GERMAN,
    Service,
    error_reply,
    plan,
    resource,
)
from tests.support.virtual_time import VirtualTime

REFUSED_KEY = {
    "errorCode": "BXNIM0415E",
    "errorMessage": "Provided API key could not be found.",
    "context": {"requestId": "iam-request-1", "url": "https://iam.cloud.ibm.com"},
}


def test_the_key_is_exchanged_and_never_sent_elsewhere():
    service = Service()
    account = service.account()
    account.log_in()
    assert service.names() == ["exchangeToken"]
    request = service.requests[0]
    assert request.url == "https://iam.cloud.ibm.com/identity/token"
    assert parse_qs(request.content.decode()) == {
        "grant_type": ["urn:ibm:params:oauth:grant-type:apikey"],
        "apikey": [API_KEY],
        "response_type": ["cloud_iam"],
    }
    account.open(account.instances()[0].id).backends()
    asked = service.sent("listBackends")[0]
    assert asked.headers["authorization"] == "Bearer token-number-1"
    assert asked.headers["service-crn"] == CRN
    assert asked.headers["ibm-api-version"] == "2026-04-15"
    assert asked.headers["x-qx-client-application"].startswith("ibmq-backend/")
    assert "x-qx-client-application" not in request.headers
    assert request.headers["user-agent"].startswith("ibmq-backend/")
    assert API_KEY not in str(asked.headers) + str(asked.url)


def test_a_crn_needs_no_request():
    service = Service()
    account: ServiceClient = service.account()
    (record,) = account.instances()
    assert record.id == InstanceId(label="us-east:11111111", crn=CRN)
    assert record.is_default
    assert account.info.details == ()
    assert service.requests == []
    assert ACCOUNT not in repr(record)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_key_is_sent_once(status):
    service = Service()
    service.replies["exchangeToken"] = httpx.Response(status, json=REFUSED_KEY)
    with pytest.raises(ApiAuthError) as caught:
        service.account().log_in()
    error = caught.value
    assert (error.code, error.trace_id) == ("BXNIM0415E", "iam-request-1")
    assert error.status_code == status
    assert "could not be found" in error.message
    assert "https://cloud.ibm.com/iam/apikeys" in error.message
    assert API_KEY not in error.message
    assert len(service.requests) == 1


@pytest.mark.parametrize("reply", [{}, {"access_token": ""}, {"access_token": 5}, [], "text", None])
def test_malformed_token_replies(reply):
    service = Service()
    service.replies["exchangeToken"] = httpx.Response(200, json=reply)
    with pytest.raises(ApiProtocolError):
        service.account().log_in()


def test_a_failing_exchange_is_retried():
    service = Service()
    service.replies["exchangeToken"] = httpx.Response(503)
    with pytest.raises(ApiServerError):
        service.account().log_in()
    assert len(service.requests) == 2


def test_tokens_are_renewed_before_they_expire():
    now = [0.0]
    service = Service()
    account = service.account(clock=lambda: now[0])
    client = account.open(account.instances()[0].id)
    client.status("ibm_five")
    now[0] = 3500.0
    client.status("ibm_five")
    assert service.logins == 1
    now[0] = 3541.0
    client.status("ibm_five")
    assert service.logins == 2
    assert service.requests[-1].headers["authorization"] == "Bearer token-number-2"


def test_a_refused_token_is_renewed_once():
    service = Service()
    service.replies["getBackendStatus"] = [
        Turn(error_reply(401, 1219)),
        Turn({"state": True, "length_queue": 1}),
    ]
    client = service.open()
    assert client.status("ibm_five").pending_jobs == 1
    assert service.names() == ["getBackendStatus", "exchangeToken", "getBackendStatus"]


def test_a_revoked_key_causes_no_third_request():
    service = Service()
    service.replies["getBackendStatus"] = error_reply(401, 1219, "Unauthorized")
    client = service.open()
    with pytest.raises(ApiAuthError, match="1219") as caught:
        client.status("ibm_five")
    assert service.names() == ["getBackendStatus", "exchangeToken", "getBackendStatus"]
    assert caught.value.trace_id == "7a0e6d2c-1111-4222-8333-abcdefabcdef"
    assert "Trace id 7a0e6d2c" in caught.value.message


def test_the_key_is_never_used_as_a_token():
    service = Service()
    client = service.open()
    service.replies["getBackendStatus"] = error_reply(401)
    service.replies["exchangeToken"] = httpx.Response(400, json=REFUSED_KEY)
    with pytest.raises(ApiAuthError, match="BXNIM0415E"):
        client.status("ibm_five")
    assert all(API_KEY not in str(request.headers) for request in service.requests)


def test_many_threads_exchange_once():
    service = Service()
    account = service.account()
    client = account.open(account.instances()[0].id)
    start = threading.Barrier(8)

    def ask():
        start.wait()
        client.status("ibm_five")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert service.logins == 1
    assert len(service.sent("getBackendStatus")) == 8


# -- finding instances ----------------------------------------------------------------------------


def test_instances_are_found_page_by_page_and_free_ones_come_first():
    service = Service()
    other = CRN.replace("11111111", "77777777")
    service.replies["searchInstances"] = [
        Turn(
            {
                "items": [
                    resource("paid", GERMAN, "plan-paid"),
                    {**resource("no instance", CRN), "doc": {}},
                    {**resource("no instance", CRN), "doc": None},
                    {**resource("another service", "crn:v1:other"), "name": None},
                ],
                "search_cursor": "next",
            }
        ),
        Turn({"items": [resource("free", CRN), resource("old", other, "plan-archived")]}),
    ]
    plans = {"plan-paid": plan("Pay-As-You-Go", "paygo"), "plan-open": plan("Open", "free")}

    def entry(request):
        found = plans.get(request.url.path.rpartition("/")[2])
        return httpx.Response(200, json=found) if found else httpx.Response(403)

    service.replies["getCatalogEntry"] = entry
    account = service.account(None)
    records = account.instances()
    assert [record.id.label for record in records] == ["free", "paid", "old"]
    assert [record.id.crn for record in records] == [CRN, GERMAN, other]
    assert [record.is_default for record in records] == [True, False, False]
    (told,) = account.info.details
    assert "'free' (plan open, us-east)" in told
    assert "'paid' (plan pay-as-you-go, eu-de)" in told
    assert ACCOUNT not in told
    searches = service.sent("searchInstances")
    assert [b"search_cursor" in request.content for request in searches] == [False, True]
    assert searches[0].headers["authorization"] == "Bearer token-number-1"
    assert len(service.sent("getCatalogEntry")) == 3
    account.instances()
    assert len(service.sent("searchInstances")) == 2


def test_an_instance_is_found_by_its_name():
    service = Service()
    service.replies["searchInstances"] = {
        "items": [resource("mine", CRN), resource("theirs", GERMAN)]
    }
    account = service.account("theirs")
    assert [record.id.label for record in account.instances()] == ["theirs", "mine"]
    assert account.instances()[0].is_default
    assert account.info.details == ()


def test_unknown_and_ambiguous_instance_names():
    service = Service()
    with pytest.raises(IBMQAccountError, match="no instance 'other'.*'mine'"):
        service.account("other").instances()
    service.replies["searchInstances"] = {
        "items": [resource("mine", CRN), resource("mine", GERMAN)]
    }
    with pytest.raises(IBMQAccountError, match="2 instances.*CRN"):
        service.account("mine").instances()
    labels = [record.id.label for record in service.account(None).instances()]
    assert labels == ["mine 11111111", "mine 99999999"]


def test_an_account_without_an_instance():
    service = Service()
    service.replies["searchInstances"] = {"items": []}
    with pytest.raises(IBMQAccountError, match=r"quantum\.cloud\.ibm\.com/instances"):
        service.account(None).instances()


def test_a_repeating_cursor_ends_the_search():
    service = Service()
    service.replies["searchInstances"] = {"items": [], "search_cursor": "same"}
    with pytest.raises(IBMQAccountError):
        service.account(None).instances()
    assert len(service.requests) <= 4


@pytest.mark.parametrize("cursor", [["next"], {"page": 2}, 7])
def test_a_cursor_that_is_not_text(cursor):
    service = Service()
    service.replies["searchInstances"] = {"items": [], "search_cursor": cursor}
    with pytest.raises(ApiProtocolError, match="search_cursor"):
        service.account(None).instances()


@pytest.mark.parametrize(
    "crn",
    [
        "crn:v1:bluemix:public:cloud-object-storage:global:a/0123:4567::",
        "crn:v1:bluemix:public:quantum-computing",
        "crn:",
    ],
)
def test_a_crn_of_another_service_is_rejected_before_a_request(crn):
    service = Service()
    with pytest.raises(IBMQAccountError, match="CRN"):
        service.account(crn)
    assert service.requests == []


UNREADABLE = [
    httpx.Response(200, json=[5]),
    httpx.Response(200, json={"overview_ui": "text"}),
    httpx.Response(200, html="<html></html>"),
    httpx.ReadTimeout("too slow"),
    httpx.ConnectError("no route"),
]


@pytest.mark.parametrize(
    "failure", [httpx.Response(status) for status in (400, 401, 404, 429, 500, 503)] + UNREADABLE
)
def test_an_error_of_the_catalog_loses_one_plan(failure, caplog):
    service = Service()
    service.replies["searchInstances"] = {
        "items": [
            resource("first", CRN, "plan-broken"),
            resource("second", GERMAN, "plan-open"),
        ]
    }

    def entry(request):
        if request.url.path.endswith("plan-open"):
            return httpx.Response(200, json=plan("Open", "free"))
        if isinstance(failure, Exception):
            raise failure
        return failure

    service.replies["getCatalogEntry"] = entry
    account = service.account(None, settings=NetworkSettings(trust_env=False), sleep=bool)
    assert [record.description for record in account.instances()] == [
        "plan open, eu-de",
        "plan unknown, us-east",
    ]
    assert len(service.sent("getCatalogEntry")) <= 3
    (line,) = [each for each in caplog.records if each.levelname == "WARNING"]
    assert "Some plans cannot be read" in line.message
    assert len(service.account("first", sleep=bool).instances()) == 2
    assert [each for each in caplog.records if each.levelname == "WARNING"] == [line]


def test_a_catalog_that_does_not_answer_costs_a_few_seconds(caplog):
    service, time = Service(), VirtualTime()
    service.replies["searchInstances"] = {
        "items": [
            resource(name, CRN.replace("11111111", name), f"plan-{name}")
            for name in ("aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd")
        ]
    }

    def stall(request):
        time.pass_by(request.extensions["timeout"]["read"])
        raise httpx.ReadTimeout("too slow", request=request)

    service.replies["getCatalogEntry"] = stall
    account = service.account(
        None, settings=NetworkSettings(trust_env=False), clock=time, sleep=time.sleep
    )
    assert len(account.instances()) == 4
    assert time.now <= PLANS_SECONDS
    assert caplog.text.count("Some plans cannot be read") == 1


def test_a_plan_that_is_not_known_is_not_a_preferred_one():
    service = Service()
    service.replies["getCatalogEntry"] = httpx.Response(503)
    with pytest.raises(IBMQAccountError, match=r"'mine' \(plan unknown, us-east\)"):
        service.account(None, filters=InstanceFilters(plans=("open",))).instances()


@pytest.mark.parametrize(
    "malformed",
    [
        None,
        "text",
        {},
        {**resource("x", CRN), "crn": None},
        {**resource("x", CRN), "crn": 5},
    ],
)
def test_a_malformed_search_result_loses_itself_only(malformed, caplog):
    service = Service()
    service.replies["searchInstances"] = {"items": [malformed, resource("mine", CRN)]}
    assert [each.id.label for each in service.account(None).instances()] == ["mine"]
    assert caplog.text.count("is malformed and is ignored") == 1


@pytest.mark.parametrize("odd", [None, 5, {}])
def test_search_results_with_odd_fields(odd):
    service = Service()
    service.replies["searchInstances"] = {
        "items": [
            {**resource("x", CRN), "name": odd, "tags": odd, "service_plan_unique_id": odd},
            {**resource("another service", GERMAN), "doc": odd},
        ]
    }
    (record,) = service.account(None).instances()
    assert record.id == InstanceId("us-east:11111111", crn=CRN)
    assert record.description == "plan unknown, us-east"


@pytest.mark.parametrize(
    "failure",
    [httpx.Response(403), httpx.Response(500), httpx.Response(200, json=[]), httpx.ReadTimeout("")],
)
def test_a_failed_search_says_to_name_the_crn(failure):
    service = Service()
    service.replies["searchInstances"] = failure
    with pytest.raises(ApiError, match=r"save_account\(token, instance='crn:") as caught:
        service.account("mine").instances()
    assert caught.value.hint == NAME_THE_CRN
    service.replies["searchInstances"] = httpx.Response(401)
    with pytest.raises(ApiAuthError, match="iam/apikeys"):
        service.account("mine").instances()


# -- other instances ------------------------------------------------------------------------------


def test_a_device_of_another_instance_is_found_in_spite_of_errors(caplog):
    caplog.set_level("INFO")
    service = Service()
    broken = CRN.replace("11111111", "33333333")
    service.replies["searchInstances"] = {
        "items": [resource("broken", broken), resource("mine", CRN), resource("other", GERMAN)]
    }
    devices = {GERMAN: ["ibm_far"], CRN: ["ibm_far", "ibm_near"]}

    def backends(request):
        crn = request.headers["service-crn"]
        if crn == broken:
            return httpx.Response(403)
        return httpx.Response(200, json={"devices": [{"name": name} for name in devices[crn]]})

    service.replies["listBackends"] = backends
    client = service.open()
    assert client.instance_with("ibm_far").id == InstanceId("other", crn=GERMAN)
    assert client.instance_with("ibm_near") is None
    asked = [request.headers["service-crn"] for request in service.sent("listBackends")]
    assert asked == [broken, GERMAN]
    assert len(service.sent("searchInstances")) == 1
    assert caplog.text.count("The backends of broken are not known") == 1


@pytest.mark.parametrize(
    "failure", [httpx.Response(500), {"items": []}, {"items": [None]}, httpx.ConnectError("")]
)
def test_other_instances_that_cannot_be_searched_are_none(failure, caplog):
    caplog.set_level("INFO")
    service = Service()
    service.replies["searchInstances"] = failure
    account = service.account(sleep=bool)
    client = account.open(account.instances()[0].id)
    assert client.instance_with("ibm_far") is None
    searches = len(service.sent("searchInstances"))
    assert client.instance_with("ibm_further") is None
    assert len(service.sent("searchInstances")) == searches
    assert account.find("other") is None
    if not isinstance(failure, dict):
        assert "The other instances of the account are not known" in caplog.text


def test_other_instances_are_searched_for_a_short_time():
    service, time = Service(), VirtualTime()
    service.replies["searchInstances"] = {
        "items": [resource(f"i{n}", CRN.replace("11111111", f"{n:08}"), "plan") for n in range(30)]
    }

    def stall(request):
        time.pass_by(request.extensions["timeout"]["read"])
        raise httpx.ReadTimeout("too slow", request=request)

    service.replies["listBackends"] = {"devices": []}
    settings = NetworkSettings(trust_env=False)
    account = service.account(settings=settings, clock=time, sleep=time.sleep)
    client = account.open(account.instances()[0].id)
    assert client.instance_with("ibm_far") is None
    assert len(service.sent("listBackends")) == MAX_SEARCHED_INSTANCES
    service.replies["searchInstances"] = stall
    account = service.account(settings=settings, clock=time, sleep=time.sleep)
    started = time.now
    client = account.open(account.instances()[0].id)
    assert client.instance_with("ibm_far") is None
    assert client.instance_with("ibm_further") is None
    assert time.now - started <= LOOKUP_SECONDS


# -- regions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "crn", "expected"),
    [
        ("https://quantum.cloud.ibm.com/api", CRN, "https://quantum.cloud.ibm.com/api"),
        ("https://cloud.ibm.com", CRN, "https://quantum.cloud.ibm.com/api"),
        ("https://quantum.cloud.ibm.com/api", GERMAN, "https://eu-de.quantum.cloud.ibm.com/api"),
        ("https://eu-de.quantum.cloud.ibm.com/api", CRN, "https://quantum.cloud.ibm.com/api"),
        (
            "https://private.us-east.quantum.cloud.ibm.com/api",
            GERMAN,
            "https://private.eu-de.quantum.cloud.ibm.com/api",
        ),
    ],
)
def test_the_region_comes_from_the_crn(url, crn, expected):
    service = Service()
    account = service.account(crn, url=url)
    client = account.open(account.instances()[0].id)
    client.backends()
    asked = service.sent("listBackends")[0]
    assert str(asked.url) == f"{expected}/v1/backends"
    assert asked.headers["service-crn"] == crn
    assert client.info.url == expected


def test_two_instances_never_share_a_request():
    service = Service()
    service.replies["searchInstances"] = {
        "items": [resource("mine", CRN), resource("theirs", GERMAN)]
    }
    account = service.account(None)
    clients = [account.open(record.id) for record in account.instances()]
    for client in clients:
        client.job_status("d2abc")
    asked = service.sent("getJob")
    assert [request.headers["service-crn"] for request in asked] == [CRN, GERMAN]
    assert [request.url.host.startswith("eu-de.") for request in asked] == [False, True]


def test_a_hub_cannot_be_opened():
    with pytest.raises(ApiNotSupported, match="h/g/p"):
        Service().account().open(InstanceId("h/g/p", "h", "g", "p"))


# -- addresses and secrets ------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://quantum.example/api", "ftp://x", "nonsense"])
def test_keys_are_not_sent_unencrypted(url):
    with pytest.raises(IBMQAccountCredentialsInvalidUrl):
        PlatformServiceClient(url, API_KEY, CRN, NetworkSettings())


def test_a_closed_account_raises_an_error():
    service = Service()
    account = service.account()
    client = account.open(account.instances()[0].id)
    account.close()
    with pytest.raises(ApiConnectionError, match="closed"):
        client.backends()
    with pytest.raises(ApiConnectionError, match="closed"):
        account.log_in()


def test_no_text_contains_key_token_or_account(caplog):
    caplog.set_level("DEBUG")
    service = Service()
    service.replies["getJob"] = error_reply(404, 1279, f"No {CRN} for {API_KEY}, token-number-1.")
    account = service.account()
    client = account.open(account.instances()[0].id)
    with pytest.raises(Exception) as caught:
        client.job("d2abc")
    shown = " ".join(
        map(repr, (account, client, client.instance, account.info, account._token, client.info))
    )
    shown += str(caught.value) + caplog.text
    for secret in (API_KEY, ACCOUNT, "token-number-1"):
        assert secret not in shown
    assert "11111111-2222" in caught.value.message
