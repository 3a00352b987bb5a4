"""The live target: a real service, asked little, and its recordings.

What is particular to a live account is found out once and noted beside its cassettes, so that they
can be replayed without it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from ibmq_backend.api.platform.instances import instance_of_crn
from ibmq_backend.api.port import AccountClient
from ibmq_backend.credentials import PLATFORM_URL
from ibmq_backend.records import InstanceId
from ibmq_backend.testing.interception import intercepted
from ibmq_backend.testing.scrub import Scrubber
from ibmq_backend.testing.tape import Recorder
from tests.contract.facts import FACTS, Facts
from tests.contract.targets import Target
from tests.support.cassettes import ORIGIN

# Read now: every test runs without the variables that name an account.
WANTED: Final = os.environ.get("IBMQ_BACKEND_LIVE") == "1"
_ENVIRONMENT: Final = dict(os.environ)
_VARIABLES: Final = {
    "classic": ("QE_URL", "QE_TOKEN"),
    "platform": ("QISKIT_IBM_TOKEN", "QISKIT_IBM_INSTANCE"),
}
_ENTANGLERS: Final = ("cx", "cz")

# At IBM the services of an account have hosts of their own; in cassettes all have one origin.
_IBM: Final = {
    "https://quantum.cloud.ibm.com": ORIGIN,
    "https://eu-de.quantum.cloud.ibm.com": f"{ORIGIN}/eu-de",
    "https://iam.cloud.ibm.com": ORIGIN,
    "https://api.global-search-tagging.cloud.ibm.com": ORIGIN,
    "https://globalcatalog.cloud.ibm.com": ORIGIN,
}


@dataclass(frozen=True)
class LiveAccount:
    """An account that the environment names.

    Attributes:
        url: login address.
        token: API token, or API key.
        instance: CRN or name, with which the program logs in; empty in the classic dialect.
    """

    dialect: str
    url: str
    token: str = field(repr=False)
    instance: str = field(default="", repr=False)

    def scrubber(self, facts: Facts) -> Scrubber:
        """Takes out what is particular to the account, always in the same order."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.url))
        # A classic service may have a path of its own before everything it offers.
        origins = {origin: ORIGIN} if self.instance else {self.url.rstrip("/"): ORIGIN}
        names = [one.crn.rstrip(":").split(":") for one in facts.instances if one.crn]
        known = {
            "api-token": [self.token],
            "account": dict.fromkeys(parts[-2].removeprefix("a/") for parts in names),
            "instance": [parts[-1] for parts in names],
        }
        return Scrubber({**_IBM, **origins}, known)


def account_of(dialect: str) -> LiveAccount | None:
    """The live account of a dialect; ``None`` when the environment names none."""
    values = [_ENVIRONMENT.get(name, "") for name in _VARIABLES[dialect]]
    if not all(values):
        return None
    if dialect == "classic":
        return LiveAccount(dialect, *values)
    return LiveAccount(dialect, _ENVIRONMENT.get("QISKIT_IBM_URL") or PLATFORM_URL, *values)


def missing(dialect: str) -> str:
    """What to set before the live tests of a dialect can run."""
    return f"IBMQ_BACKEND_LIVE=1 needs {' and '.join(_VARIABLES[dialect])} for {dialect}"


def facts_of(account: LiveAccount) -> Facts:
    """What the suite has to know of a live account; a few requests, no job."""
    usual = FACTS[account.dialect]
    target = Target("live", account.url, account.token, facts=usual, instance=account.instance)
    try:
        service = target.log_in()
        instances = [record.id for record in service.instances()]
        instance = instances[0]
        others = [one for one in instances if one != instance] or [instance]
        facts = replace(usual, instance=instance, other=others[0], further=tuple(others[1:]))
        return _with_devices(facts, service.open(instance))
    finally:
        target.close()


def _with_devices(facts: Facts, account: AccountClient) -> Facts:
    backends = list(account.backends())
    devices = {one.name: one.configuration for one in backends if not one.simulator}
    states = {name: account.status(name) for name in devices}
    usable = [name for name in devices if states[name].operational and _entangler(devices[name])]
    assert usable, "no device of the account is operational and has cx or cz"
    device = min(usable, key=lambda name: states[name].pending_jobs)
    simulators = [one.name for one in backends if one.simulator]
    one, other = devices[device]["coupling_map"][0]
    return replace(
        facts,
        devices=tuple(backend.name for backend in backends),
        device=device,
        runner=simulators[0] if simulators else device,
        qubits=devices[device]["n_qubits"],
        basis=tuple(devices[device]["basis_gates"]),
        entangler=_entangler(devices[device]),
        pair=(one, other),
        simulators=tuple(simulators),
        pulse=bool(devices[device].get("open_pulse")),
        now=datetime.now(UTC),
    )


def _entangler(configuration: Mapping[str, Any]) -> str:
    return next((name for name in _ENTANGLERS if name in configuration["basis_gates"]), "")


# -- facts beside cassettes --------------------------------------------------------------------


def noted(account: LiveAccount, facts: Facts) -> dict[str, Any]:
    """The facts of an account as plain values, without secrets."""
    scrubber = account.scrubber(facts)
    return {
        "login": scrubber.text(account.instance),
        "devices": facts.devices,
        "device": facts.device,
        "runner": facts.runner,
        "qubits": facts.qubits,
        "basis": facts.basis,
        "entangler": facts.entangler,
        "pair": facts.pair,
        "simulators": facts.simulators,
        "pulse": facts.pulse,
        "instances": [
            {"label": one.label, "crn": scrubber.text(one.crn)}
            if one.crn
            else {"hub": one.hub, "group": one.group, "project": one.project}
            for one in facts.instances
        ],
        "now": facts.now.isoformat(timespec="seconds"),
    }


def recalled(dialect: str, values: Mapping[str, Any]) -> Facts:
    """The facts that were noted."""
    instances = [
        instance_of_crn(one["crn"], one["label"])
        if "crn" in one
        else InstanceId("/".join(one.values()), **one)
        for one in values["instances"]
    ]
    return replace(
        FACTS[dialect],
        devices=tuple(values["devices"]),
        device=values["device"],
        runner=values["runner"],
        qubits=values["qubits"],
        basis=tuple(values["basis"]),
        entangler=values["entangler"],
        pair=(values["pair"][0], values["pair"][1]),
        simulators=tuple(values["simulators"]),
        pulse=values["pulse"],
        instance=instances[0],
        other=(*instances, instances[0])[1],
        further=tuple(instances[2:]),
        now=datetime.fromisoformat(values["now"]),
    )


# -- the target --------------------------------------------------------------------------------


@contextmanager
def live_target(account: LiveAccount, facts: Facts) -> Iterator[tuple[Target, Recorder]]:
    """The real service, everything noted that is asked of it; jobs are deleted afterwards."""
    recorder = Recorder(account.scrubber(facts))
    pauses = 0

    @contextmanager
    def unrecorded() -> Iterator[None]:
        nonlocal pauses
        pauses += 1
        try:
            yield
        finally:
            pauses -= 1

    target = Target(
        "live",
        account.url,
        account.token,
        now=facts.now,
        facts=facts,
        instance=account.instance,
        unrecorded=unrecorded,
    )
    with intercepted(recorder, lambda _url: not pauses):
        try:
            yield target, recorder
        finally:
            target.tidy_up()
            target.close()
