"""The command ``ibmq-backend usage``."""

import json
import re

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.cli.__main__ import main
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import OPEN_PLAN, ServiceInstance

OPEN = ServiceInstance("open", OPEN_PLAN)


@pytest.fixture(scope="module")
def service(engine):
    with LocalService(instances=[OPEN], engine=engine) as running:
        yield running


@pytest.fixture
def saved(service):
    IBMQ.save_account(service.api_key, service.platform_url, instance=OPEN.crn)


def test_usage(saved, capsys):
    assert main(["usage", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    period = {facts.pop("start"), facts.pop("end")}
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\dT.*[+-]\d\d:\d\d", each) for each in period)
    assert "instance=" in facts.pop("place")
    assert facts == {
        "consumed_seconds": 0.0,
        "limit_seconds": 600.0,
        "remaining_seconds": 600.0,
        "limit_reached": False,
    }
    assert main(["usage"]) == 0
    assert re.search(r"^remaining_seconds +600\.0$", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.integration
def test_the_local_emulator_does_not_count_time(capsys):
    assert main(["usage"]) == 1
    assert "does not count time on devices" in capsys.readouterr().err.splitlines()[-1]
