"""An account without a service, for tests of what waits for a job or cancels it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ibmq_backend.api.port import Capability
from ibmq_backend.records import JobRecord

Answer = str | JobRecord | Exception | Callable[[], JobRecord]


class FakeAccount:
    """An account with one job and scripted answers; the last answer repeats.

    An error in the script is raised, a function is called.

    Args:
        answers: the job at each request.
        agrees: the answer to ``cancel()``.
        stream: the statuses of the status stream; by default there is no stream.
        data: the input or result of the job.

    Attributes:
        asked: the names of the called methods, in order.
    """

    def __init__(
        self,
        *answers: Answer,
        agrees: bool | Exception = True,
        stream: Iterable[Answer] | None = None,
        data: Any = None,
    ) -> None:
        self.answers = list(answers)
        self.agrees = agrees
        self.stream = stream
        self.data = data
        self.asked: list[str] = []
        self.capabilities = frozenset() if stream is None else {Capability.STATUS_STREAM}

    def job(self, job_id: str) -> JobRecord:
        return self._next("job", job_id)

    def job_status(self, job_id: str) -> JobRecord:
        return self._next("job_status", job_id)

    def watch_job(self, job_id: str, timeout: float | None) -> Iterator[JobRecord]:
        for answer in self.stream or ():
            yield _record(answer, job_id)

    def cancel(self, job_id: str) -> bool:
        self.asked.append("cancel")
        return _raised(self.agrees)

    def job_input(self, job_id: str) -> Any:
        self.asked.append("job_input")
        return _raised(self.data)

    def job_result(self, job_id: str) -> Any:
        self.asked.append("job_result")
        return _raised(self.data)

    def _next(self, name: str, job_id: str) -> JobRecord:
        self.asked.append(name)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return _record(answer, job_id)


def _record(answer: Answer, job_id: str) -> JobRecord:
    answer = _raised(answer)
    return JobRecord(job_id, answer, answer) if isinstance(answer, str) else answer


def _raised(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer() if callable(answer) else answer
