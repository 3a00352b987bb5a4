"""Progress of waiting: when it is shown, where, and what is left of it."""

import io
import re
import sys
import threading
from types import SimpleNamespace

import pytest

from ibmq_backend.job import progress
from ibmq_backend.job.progress import Row, counting, muted, watching
from tests.support.terminal import Terminal, screen


@pytest.fixture
def standard_error(monkeypatch):
    """Replaces standard error, which pytest replaces too."""

    def put(stream):
        monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream, modules=sys.modules))
        return stream

    return put


@pytest.fixture
def terminal(standard_error, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    return standard_error(Terminal())


@pytest.fixture
def at_once(monkeypatch):
    """Rows are shown without the quiet time before them."""

    class Timer:
        daemon = False

        def __init__(self, seconds, function):
            self.start = function

        def cancel(self):
            pass

    monkeypatch.setattr(progress.threading, "Timer", Timer)


def shown(terminal):
    """The lines on the terminal, without the time elapsed and the bar."""
    return [re.sub(r"\d:\d\d:\d\d [━╺╸]+", "...", line) for line in screen(terminal.getvalue())]


def test_job(terminal, at_once):
    with watching("5f0c") as row:
        row.update("QUEUED", 12)
        assert shown(terminal) == ["Job 5f0c: ... queued, position 12"]
        row.update("RUNNING", None)
        assert shown(terminal) == ["Job 5f0c: ... running"]
    assert shown(terminal) == []


def test_count_shows_the_state_of_the_job_it_waits_for(terminal, at_once):
    with counting(4) as count:
        for _ in range(3):
            count.advance()
        with watching("inside") as row:
            row.update("QUEUED", 1)
            assert shown(terminal) == ["Jobs: 3/4 ... queued, position 1"]
        count.advance()
        assert shown(terminal) == ["Jobs: 4/4 ..."]
    assert shown(terminal) == []


def test_rows_fit_a_narrow_terminal(terminal, at_once, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    with watching("5f0c") as row:
        row.update("QUEUED", 12)
        (line,) = screen(terminal.getvalue())
        assert len(line) <= 40
        assert line.startswith("Job 5f0c: 0:00:00 ")


def test_a_narrow_terminal_has_room_for_job_id_and_state(terminal, at_once, monkeypatch):
    job_id = "5f0c" * 6
    for columns in (60, 80):
        monkeypatch.setenv("COLUMNS", str(columns))
        with watching(job_id) as row:
            row.update("QUEUED", 123)
            (line,) = screen(terminal.getvalue())
        assert line.startswith(f"Job {job_id}: 0:00:00 ")
        assert line.endswith(" queued, position 123")


def test_time_elapsed_includes_the_quiet_time(terminal, at_once, monkeypatch):
    row = Row("Job 5f0c")
    row.since -= 3725
    with progress._terminal.show(row):
        assert screen(terminal.getvalue())[0].startswith("Job 5f0c: 1:02:05 ")


def test_several_threads_at_once(terminal, at_once):
    """Each has its row; rich allows one display only."""
    all_shown, looked_at = threading.Barrier(4), threading.Barrier(4)
    errors = []

    def wait(name):
        try:
            with watching(name) as row:
                row.update("QUEUED", 1)
                all_shown.wait(10)
                looked_at.wait(10)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=wait, args=(name,)) for name in "abc"]
    for each in threads:
        each.start()
    all_shown.wait(10)
    assert sorted(shown(terminal)) == [f"Job {name}: ... queued, position 1" for name in "abc"]
    looked_at.wait(10)
    for each in threads:
        each.join(10)
    assert errors == []
    assert shown(terminal) == []
    with watching("later") as row:
        row.update("RUNNING", None)
        assert shown(terminal) == ["Job later: ... running"]


def test_interrupt_leaves_a_clear_terminal_and_a_visible_cursor(terminal, at_once):
    def wait():
        with watching("5f0c") as row:
            row.update("QUEUED", 12)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wait()
    assert shown(terminal) == []
    assert "\x1b[?25l" not in terminal.getvalue()


def test_closed_terminal_does_not_end_the_wait(standard_error, at_once, monkeypatch):
    class Gone(Terminal):
        def write(self, text):
            raise OSError(5, "Input/output error")

    monkeypatch.setenv("TERM", "xterm")
    standard_error(Gone())
    with watching("5f0c") as row:
        row.update("QUEUED", 12)
    terminal = standard_error(Terminal())
    with watching("5f0c") as row:
        row.update("QUEUED", 12)
        assert "Job 5f0c:" in terminal.getvalue()


def test_short_waits_leave_nothing(terminal):
    with watching("5f0c") as row:
        row.update("QUEUED", 12)
    assert terminal.getvalue() == ""


def test_a_timer_that_is_late_shows_nothing(terminal, monkeypatch):
    begin = []

    class LateTimer:
        def __init__(self, seconds, function):
            begin.append(function)

        def start(self):
            pass

        cancel = start

    monkeypatch.setattr(progress.threading, "Timer", LateTimer)
    with watching("5f0c"):
        pass
    begin[0]()
    assert terminal.getvalue() == ""


def test_silent_into_files_and_pipes(standard_error, at_once):
    stream = standard_error(io.StringIO())
    with watching("5f0c") as row, counting(2) as count:
        row.update("QUEUED", 12)
        count.advance()
    assert stream.getvalue() == ""
    standard_error(None)
    with watching("5f0c") as row:
        row.update("QUEUED", 12)


def test_no_timer_without_a_terminal(monkeypatch, standard_error):
    standard_error(io.StringIO())
    monkeypatch.setattr(progress.threading, "Timer", None)
    with watching("5f0c") as row:
        row.update("QUEUED", 1)


def test_muted(terminal, at_once):
    with muted(), watching("5f0c") as row, counting(2) as count:
        row.update("QUEUED", 12)
        count.advance()
    assert terminal.getvalue() == ""


def test_notebook(monkeypatch, standard_error, at_once):
    """Its row is an output of the cell, which holds nothing at the end."""
    stream = standard_error(io.StringIO())
    outputs = []

    class Handle:
        def update(self, data, *, raw):
            outputs.append(data)

    def display(data, *, raw, display_id):
        outputs.append(data)
        return Handle()

    shell = SimpleNamespace(kernel=object())
    ipython = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    with counting(2) as count, watching("5f0c") as row:
        row.update("RUNNING", None)
        count.advance()
    assert outputs == [
        {"text/plain": "Jobs: 0/2 0:00:00"},
        {"text/plain": "Jobs: 0/2 0:00:00 running"},
        {"text/plain": "Jobs: 1/2 0:00:00"},
        {},
    ]
    assert stream.getvalue() == ""


def test_control_characters_are_escaped(terminal, at_once):
    with watching("5f0c\x1b[2J\r\n\u202e [red]") as row:
        row.update("QUEUED\x9b [link=x]:bug:", 12)
        assert shown(terminal) == [
            r"Job 5f0c\x1b[2J\r\n\u202e [red]: ... queued\x9b [link=x]:bug:, position 12"
        ]
