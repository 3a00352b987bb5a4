"""What a change touches in this repository."""

from pathlib import Path

import pytest

from scripts._drift.changes import Change, Effect
from scripts._drift.impact import Impact, ImpactFinder, is_urgent
from scripts._drift.operations import Version
from scripts._drift.sources import read_version


def touched(
    finder: ImpactFinder,
    dialect: str,
    operation: str,
    part: str,
    where: str,
    field: str,
    kind: str,
    old: str = "",
    effect: Effect = Effect.BREAKING,
) -> Impact:
    """The impact of one change of an operation of ours."""
    ours = next(one for one in finder.ours(dialect).operations.values() if one.id == operation)
    change = Change(operation, ours.endpoint, part, where, field, kind, old, "", effect)
    (impact,) = finder.impacts([change], dialect, {ours.endpoint: ours.key})
    return impact


BODY = "200 application/json"


@pytest.mark.parametrize(
    ("dialect", "operation", "field", "readers", "documented"),
    [
        (
            "platform",
            "getBackendStatus",
            "length_queue",
            {"api.platform.mapping.status_record"},
            "IBMQBackend.status",
        ),
        (
            "platform",
            "listBackends",
            "devices[].is_simulator",
            {"api.platform.mapping.backend_names"},
            "IBMQBackendService.backends",
        ),
        (
            "platform",
            "getSession",
            "mode",
            {"api.platform.mapping.mode_of"},
            "IBMQJob.scheduling_mode",
        ),
        (
            "classic",
            "getJobsLimit",
            "maximumJobs",
            {"api.classic.mapping.limit_record"},
            "IBMQBackend.job_limit",
        ),
        (
            "cloud",
            "exchangeToken",
            "expires_in",
            {"api.platform.auth.PlatformServiceClient._token_of"},
            "IBMQFactory.enable_account",
        ),
    ],
)
def test_who_reads_a_field_and_who_comes_to_it(
    finder: ImpactFinder,
    dialect: str,
    operation: str,
    field: str,
    readers: set[str],
    documented: str,
) -> None:
    impact = touched(finder, dialect, operation, "response", BODY, field, "field removed", "x")
    assert readers <= set(impact.readers)
    assert documented in impact.documented
    # No cassette holds a session.
    assert bool(impact.stale) is (operation != "getSession")
    assert is_urgent(impact)
    assert impact.ways[documented][-1] in impact.senders


@pytest.mark.parametrize(
    ("dialect", "operation", "sender", "handlers"),
    [
        (
            "classic",
            "getStoredObject",
            "api.classic.calls.StorageCalls.download",
            "classic.handlers.storage.get_stored_object classic.handlers.storage._check_download",
        ),
        (
            "classic",
            "getJob",
            "api.classic.jobs.JobReader.job",
            "classic.handlers.jobs.get_job",
        ),
        (
            "platform",
            "getJob",
            "api.platform.jobs.JobReader._job",
            "platform.handlers.jobs.get_job",
        ),
        (
            "cloud",
            "searchInstances",
            "api.platform.auth.PlatformServiceClient._search",
            "platform.handlers.identity.search_instances",
        ),
    ],
)
def test_sender_and_emulator_of_an_operation(
    finder: ImpactFinder, dialect: str, operation: str, sender: str, handlers: str
) -> None:
    impact = touched(finder, dialect, operation, "operation", "", "", "operation removed")
    assert impact.senders == (sender,)
    assert impact.emulator == tuple(handlers.split())
    assert impact.stale == impact.exercised != ()


def test_stream_concerns_those_who_open_one(finder: ImpactFinder) -> None:
    impact = touched(finder, "classic", "jobStatusStream", "response", "frame", "", "codes removed")
    assert impact.senders != ()
    assert all(name.startswith("api.status_stream.") for name in impact.senders)
    assert {"IBMQJob.result", "IBMQJob.wait_for_final_state"} <= set(impact.documented)
    assert "IBMQJob.update_name" not in impact.documented


def test_parameter_concerns_those_who_send_it(finder: ImpactFinder) -> None:
    def removed(name: str) -> Impact:
        where = f"query {name}"
        return touched(
            finder, "platform", "getBackendProperties", "parameter", where, "", "parameter removed"
        )

    sent = removed("updated_before")
    assert sent.readers == ("api.platform.client.PlatformAccountClient.properties",)
    assert {"IBMQBackend.properties", "IBMQJob.properties"} <= set(sent.documented)
    assert is_urgent(sent)
    never = removed("calibration_id")
    assert (never.readers, never.documented, never.stale) == ((), (), ())
    assert not is_urgent(never)


def test_what_must_be_sent_from_now_on_concerns_everybody(finder: ImpactFinder) -> None:
    impact = touched(
        finder, "platform", "createJob", "request", "application/json", "plan", "became required"
    )
    assert impact.readers == ()
    assert "IBMQBackend.run" in impact.documented
    assert impact.stale == impact.exercised


def test_harmless_change_is_never_urgent(finder: ImpactFinder) -> None:
    impact = touched(
        finder,
        "platform",
        "getBackendStatus",
        "response",
        BODY,
        "length_queue",
        "minimum changed",
        effect=Effect.COMPATIBLE,
    )
    assert impact.readers != ()
    assert not is_urgent(impact)


def test_operation_that_the_bindings_do_not_have_touches_nothing(finder: ImpactFinder) -> None:
    change = Change(
        "new", "GET /new", "operation", "", "", "operation added", "", "", Effect.BREAKING
    )
    (impact,) = finder.impacts([change], "platform", {"GET /new": ("get", "/new")})
    assert (impact.known_as, impact.senders, impact.stale) == ("", (), ())
    (unknown,) = finder.impacts([change], "platform", {})
    assert unknown == impact


def test_dialect_is_that_with_most_in_common(
    finder: ImpactFinder, history: tuple[Version, Version], root: Path
) -> None:
    assert finder.dialect_of(history) == "platform"
    for name in ("classic", "cloud"):
        assert finder.dialect_of([read_version(str(root / f"spec/{name}.yaml"), root)]) == name
