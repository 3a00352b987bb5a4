"""Progress of waiting: when it is shown, where, and what is left of it."""

import io
import sys
from types import SimpleNamespace

import pytest

from ibmq_backend.job import progress
from ibmq_backend.job.progress import Progress, counting, muted, watching


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def standard_error(monkeypatch):
    """Puts another stream in place of standard error, which pytest exchanges by itself."""

    def put(stream):
        monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream, modules=sys.modules))
        return stream

    return put


@pytest.fixture
def terminal(standard_error):
    return standard_error(Terminal())


@pytest.fixture
def at_once(monkeypatch):
    """No moment of quiet: the line is shown as soon as there is one."""

    class Timer:
        daemon = False

        def __init__(self, seconds, function):
            self.start = function

        def cancel(self):
            pass

    monkeypatch.setattr(progress.threading, "Timer", Timer)


def visible(text):
    """What a terminal shows after this text, blanks at the end left out."""
    cells, column = [], 0
    for character in text:
        if character == "\r":
            column = 0
            continue
        cells[column : column + 1] = [character]
        column += 1
    return "".join(cells).rstrip()


def test_job_line(terminal, at_once):
    with watching("5f0c") as line:
        line.update("QUEUED", 12)
        assert visible(terminal.getvalue()).startswith("Job 5f0c: queued (12), waiting since ")
        line.update("RUNNING", None)
        assert visible(terminal.getvalue()).startswith("Job 5f0c: running, waiting since ")
    assert visible(terminal.getvalue()) == ""
    assert "\n" not in terminal.getvalue()


def test_count_of_jobs(terminal, at_once):
    with counting(4) as done:
        done.advance()
        done.advance(2)
        assert visible(terminal.getvalue()) == "jobs: [###############-----] 3/4"
        with watching("inside") as line:
            line.update("QUEUED", 1)
        assert "inside" not in terminal.getvalue()
    assert visible(terminal.getvalue()) == ""


def test_short_waits_leave_nothing(terminal):
    with watching("5f0c") as line:
        line.update("QUEUED", 12)
    assert terminal.getvalue() == ""


def test_late_line_is_the_latest():
    stream = Terminal()
    shown = Progress(stream)
    shown.show("first, and longer")
    shown.show("second")
    assert stream.getvalue() == ""
    shown.begin()
    assert visible(stream.getvalue()) == "second"
    shown.clear()
    shown.show("too late")
    assert visible(stream.getvalue()) == ""


def test_silent_where_nobody_looks(standard_error, at_once):
    stream = standard_error(io.StringIO())
    with watching("5f0c") as line, counting(2) as done:
        line.update("QUEUED", 12)
        done.advance()
    assert stream.getvalue() == ""
    standard_error(None)
    with watching("5f0c") as line:
        line.update("QUEUED", 12)


def test_muted(terminal, at_once):
    with muted(), watching("5f0c") as line:
        line.update("QUEUED", 12)
    assert terminal.getvalue() == ""


def test_a_notebook_is_looked_at_too(monkeypatch, standard_error, at_once):
    stream = standard_error(io.StringIO())

    class Shell:
        kernel = object()

    class IPython:
        get_ipython = staticmethod(Shell)

    monkeypatch.setitem(sys.modules, "IPython", IPython)
    with watching("5f0c") as line:
        line.update("RUNNING", None)
    assert "running" in stream.getvalue()


def test_no_thread_without_an_audience(monkeypatch, standard_error):
    standard_error(io.StringIO())
    monkeypatch.setattr(progress.threading, "Timer", None)
    with watching("5f0c") as line:
        line.update("QUEUED", 1)


def test_names_control_no_terminal(terminal, at_once):
    with watching("5f0c\x1b[2J\r\n\u202e") as line:
        line.update("QUEUED\x9b", 12)
        assert visible(terminal.getvalue()).startswith(
            r"Job 5f0c\x1b[2J\r\n\u202e: queued\x9b (12)"
        )
