"""The live target: a real service that receives few requests, and its recordings.

The facts of a live account are requested once and stored in the index of the cassettes, which can
then be replayed without the account.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ibmq_backend.api.platform.instances import instance_of_crn
from ibmq_backend.api.port import AccountClient
from ibmq_backend.credentials import PLATFORM_URL
from ibmq_backend.records import InstanceId
from ibmq_backend.testing.scrub import Scrubber
from ibmq_backend.testing.strict_cassette import RecordingCassette
from tests.contract.facts import FACTS, Facts
from tests.contract.targets import Target
from tests.support import cassettes
from tests.support.cassettes import ORIGIN

# Read now, because every test runs without the variables that name an account.
WANTED: Final = os.environ.get("IBMQ_BACKEND_LIVE") == "1"
_ENVIRONMENT: Final = dict(os.environ)
_VARIABLES: Final = {
    "classic": ("QE_URL", "QE_TOKEN"),
    "platform": ("QISKIT_IBM_TOKEN", "QISKIT_IBM_INSTANCE"),
}
_ENTANGLERS: Final = ("cx", "cz")

# At IBM each service of an account has its own host; in cassettes all have one origin.
_IBM: Final = {
    "https://quantum.cloud.ibm.com": ORIGIN,
    "https://eu-de.quantum.cloud.ibm.com": f"{ORIGIN}/eu-de",
    "https://iam.cloud.ibm.com": ORIGIN,
    "https://api.global-search-tagging.cloud.ibm.com": ORIGIN,
    "https://globalcatalog.cloud.ibm.com": ORIGIN,
}


@dataclass(frozen=True)
class LiveAccount:
    """An account from the environment variables.

    Attributes:
        dialect: ``classic`` or ``platform``.
        url: login URL.
        token: API token, or API key.
        instance: CRN or name to log in with; empty on the classic service.
    """

    dialect: str
    url: str
    token: str = field(repr=False)
    instance: str = field(default="", repr=False)

    def scrubber(self, facts: Facts) -> Scrubber:
        """Return a scrubber that numbers the secrets of the account in a fixed order."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.url))
        # All URLs of a classic service may start with a path.
        origins = {origin: ORIGIN} if self.instance else {self.url.rstrip("/"): ORIGIN}
        names = [one.crn.rstrip(":").split(":") for one in facts.instances if one.crn]
        known = {
            "api-token": [self.token],
            "account": dict.fromkeys(parts[-2].removeprefix("a/") for parts in names),
            "instance": [parts[-1] for parts in names],
        }
        return Scrubber({**_IBM, **origins}, known)


def account_of(dialect: str) -> LiveAccount | None:
    """Return the live account of a dialect; ``None`` if the environment has none."""
    values = [_ENVIRONMENT.get(name, "") for name in _VARIABLES[dialect]]
    if not all(values):
        return None
    if dialect == "classic":
        return LiveAccount(dialect, *values)
    return LiveAccount(dialect, _ENVIRONMENT.get("QISKIT_IBM_URL") or PLATFORM_URL, *values)


def missing(dialect: str) -> str:
    """Return the reason why the live tests of a dialect are skipped."""
    return f"IBMQ_BACKEND_LIVE=1 needs {' and '.join(_VARIABLES[dialect])} for {dialect}"


def facts_of(account: LiveAccount) -> Facts:
    """Return the facts of a live account, with a few requests and no job."""
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


# -- facts in the index of the cassettes -------------------------------------------------------


def metadata(account: LiveAccount, facts: Facts) -> dict[str, Any]:
    """Return the facts of an account as plain values, without secrets."""
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


def facts_from_metadata(dialect: str, values: Mapping[str, Any]) -> Facts:
    """Return the facts that :func:`metadata` has stored."""
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
def live_target(
    account: LiveAccount, facts: Facts, path: Path
) -> Iterator[tuple[Target, RecordingCassette]]:
    """Record the requests to the real service; delete the jobs of the test at the end."""
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
    secrets = [account.token, *(one.crn for one in facts.instances if one.crn)]
    scrubber = account.scrubber(facts)
    with cassettes.recorded(path, scrubber, secrets, lambda _url: not pauses) as recording:
        try:
            yield target, recording
        finally:
            target.tidy_up()
            target.close()
