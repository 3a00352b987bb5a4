"""Who uses what: on a small package where everything is known, and on this one."""

import ast
import re
from pathlib import Path

import pytest

from scripts._drift.call_graph import CallGraph
from scripts._drift.code_index import CodeIndex
from scripts._drift.impact import ImpactFinder

MODULES = {
    "__init__.py": "",
    "wire.py": """
        from bindings.api.jobs import get_job
        from bindings.api import jobs as job_calls

        class Requests:
            def job(self, job_id: str) -> "Reply":
                def send():
                    return get_job.sync_detailed(job_id, with_params=True)
                return Reply(send())

            def delete(self, job_id: str) -> None:
                job_calls.delete_job.sync_detailed(job_id)

        class Reply:
            def __init__(self, text: str) -> None:
                self.text = text

            @property
            def status(self) -> str:
                return read(self.text, "status")

        def read(text: str, name: str) -> str:
            return text + name
        """,
    "port.py": """
        from typing import Protocol

        class Port(Protocol):
            def fetch(self, job_id: str) -> str: ...
            def drop(self, job_id: str) -> None: ...
        """,
    "adapter.py": """
        from . import wire
        from .wire import Requests

        class Adapter:
            def __init__(self, requests: Requests | None = None) -> None:
                self._requests = requests or Requests()

            def fetch(self, job_id: str) -> str:
                return self._requests.job(job_id).status

            def drop(self, job_id: str) -> None:
                later(lambda: self._requests.delete(job_id))

        class Other:
            def fetch(self, job_id: str) -> str:
                return ""

        def later(action) -> None:
            action()

        def make() -> Adapter:
            return Adapter()

        MAKERS = {"one": make, "other": lambda: later(None)}

        def chosen(name: str):
            return MAKERS[name]()
        """,
    "face/__init__.py": "from small.face.job import Job\n",
    "face/job.py": """
        from small.adapter import make
        from small.port import Port

        class Base:
            def __init__(self, port: Port) -> None:
                self._port = port

            def name(self) -> str:
                return "name"

            def show(self) -> str:
                return self.name()

        class Job(Base):
            def status(self) -> str:
                return self._port.fetch("a")

            def name(self) -> str:
                return super().name() + self.status()

            def close(self, jobs: list["Job"]) -> None:
                for one in jobs:
                    one._port.drop("a")

        DEFAULT = make()

        def quick() -> str:
            return DEFAULT.fetch("a")

        def unrelated(status: str) -> str:
            return status.fetch()
        """,
}


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> CallGraph:
    """The uses within the small package."""
    folder = tmp_path_factory.mktemp("code") / "small"
    for name, text in MODULES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = text.splitlines()
        indent = min((len(one) - len(one.lstrip()) for one in lines if one.strip()), default=0)
        path.write_text("\n".join(one[indent:] for one in lines) + "\n", encoding="utf-8")
    return CallGraph(CodeIndex(folder))


@pytest.mark.parametrize(
    ("function", "uses"),
    [
        ("wire.Requests.job", {"wire.Reply.__init__"}),
        ("wire.Reply.status", {"wire.read"}),
        ("adapter.Adapter.fetch", {"wire.Requests.job", "wire.Reply.status"}),
        ("adapter.Adapter.drop", {"adapter.later", "wire.Requests.delete"}),
        ("adapter.chosen", {"adapter.make", "adapter.later"}),
        ("port.Port.fetch", {"adapter.Adapter.fetch"}),
        ("port.Port.drop", {"adapter.Adapter.drop"}),
        ("face.job.Job.status", {"port.Port.fetch"}),
        ("face.job.Job.name", {"face.job.Base.name", "face.job.Job.status"}),
        ("face.job.Base.show", {"face.job.Base.name"}),
        ("face.job.Base.name", {"face.job.Job.name"}),
        ("face.job.Job.close", {"port.Port.drop"}),
        ("face.job.quick", {"adapter.Adapter.fetch"}),
        ("face.job.unrelated", set()),
    ],
)
def test_uses_of_a_function(graph: CallGraph, function: str, uses: set[str]) -> None:
    assert graph.uses[f"small.{function}"] == {f"small.{name}" for name in uses}


def test_bindings_words_and_keywords_of_a_function(graph: CallGraph) -> None:
    job = "small.wire.Requests.job"
    assert "bindings.api.jobs.get_job" in graph.outside[job]
    assert "bindings.api.jobs.delete_job" in graph.outside["small.wire.Requests.delete"]
    assert graph.keywords[job] == {"with_params"}
    assert graph.words["small.wire.Reply.status"] == {"status"}
    assert graph.attributes["small.wire.Reply.status"] == {"text"}


def test_way_and_closures(graph: CallGraph) -> None:
    status, wire = "small.face.job.Job.status", "small.wire.Requests.job"
    assert graph.way(status, {wire}) == [
        status,
        "small.port.Port.fetch",
        "small.adapter.Adapter.fetch",
        wire,
    ]
    assert graph.way(status, {"small.adapter.later"}) == []
    assert {"small.face.job.quick", "small.face.job.Base.show", status} <= graph.above([wire])
    assert "small.face.job.Job.close" not in graph.above([wire])
    assert "small.wire.read" in graph.below([status])


# -- this package ---------------------------------------------------------------------------


def wire_of(text: str) -> set[str]:
    """Operation ids that a docstring names after "Wire:"."""
    found = re.search(r"Wire: (.*?)(?:\n\n|\Z)", text, re.DOTALL)
    return set() if found is None else set(re.findall(r"\b[a-z]+[A-Z]\w+", found[1]))


def test_adapters_send_what_their_docstrings_say(root: Path, finder: ImpactFinder) -> None:
    """Two accounts of the same: what authors wrote and what the code has."""
    checked = 0
    for dialect, path in (
        ("platform", "ibmq_backend/api/platform/client.py"),
        ("classic", "ibmq_backend/api/classic/client.py"),
    ):
        known = {one.id for one in finder.ours(dialect).operations.values()}
        tree = ast.parse((root / path).read_text(encoding="utf-8"))
        for cls in (node for node in tree.body if isinstance(node, ast.ClassDef)):
            for method in (node for node in cls.body if isinstance(node, ast.FunctionDef)):
                said = wire_of(ast.get_docstring(method) or "") & known
                module = path.removesuffix(".py").replace("/", ".")
                sent = finder.operations_below(f"{module}.{cls.name}.{method.name}", dialect)
                assert said <= sent, (method.name, said - sent)
                checked += len(said)
    assert checked >= 40


@pytest.mark.parametrize(
    ("method", "sent"),
    [
        ("backend.backend.IBMQBackend.status", {"getBackendStatus"}),
        ("backend.backend.IBMQBackend.properties", {"getBackendProperties"}),
        ("backend.backend.IBMQBackend.defaults", {"getBackendDefaults"}),
        ("backend.backend.IBMQBackend.remaining_jobs_count", {"listJobs"}),
        ("backend.backend.IBMQBackend.reservations", set()),
        (
            "backend.backend.IBMQBackend.run",
            {"createJob", "listJobs", "getBackendConfiguration", "getBackendProperties"},
        ),
        ("job.job.IBMQJob.update_tags", {"getJob", "replaceJobTags"}),
        ("job.job.IBMQJob.qobj", {"getJob"}),
        ("job.job.IBMQJob.tags", set()),
        ("job.job.IBMQJob.properties", {"getJob", "getJobMetrics", "getBackendProperties"}),
    ],
)
def test_documented_method_comes_to_its_operations(
    finder: ImpactFinder, method: str, sent: set[str]
) -> None:
    assert finder.operations_below(f"ibmq_backend.{method}", "platform") == sent


def test_every_operation_that_the_adapters_send_is_found(finder: ImpactFinder) -> None:
    """Only what the bindings have and no adapter asks for is without a sender."""
    classic = [one.id for one in finder.ours("classic").operations.values()]
    assert [name for name in classic if not finder.senders("classic", name)] == []
    unused = {
        one.id
        for one in finder.ours("platform").operations.values()
        if not finder.senders("platform", one.id)
    }
    assert unused == {
        "closeSession",
        "createSession",
        "getAccountConfiguration",
        "getInstance",
        "getInstanceConfiguration",
        "getInterimResults",
        "getJobLogs",
        "getTranspiledCircuits",
        "getUsage",
        "getVersions",
        "listTags",
        "listWorkloads",
        "updateSession",
    }
