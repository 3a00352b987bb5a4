"""Notices are shown once, in a way that no warning filter turns into an error."""

import logging
import sys
import warnings

import pytest

from ibmq_backend import notices


@pytest.fixture
def shown(caplog):
    """Return the notices so far."""
    return lambda: [each.message for each in caplog.records]


def test_a_notice_is_logged_once_whatever_the_warning_filters(shown, caplog):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            notices.notify_once("weather", "It rains.")
        notices.notify_once("time", "It is late.")
    assert shown() == ["It rains.", "It is late."]
    assert {(each.name, each.levelname) for each in caplog.records} == {("ibmq_backend", "WARNING")}


@pytest.mark.parametrize("name", ["ibmq_backend", "qiskit.providers.ibmq"])
def test_the_level_of_the_logger_silences_notices(shown, caplog, name):
    caplog.set_level(logging.ERROR, name)
    notices.notify_once("weather", "It rains.")
    assert shown() == []


def test_a_marked_notice_is_not_shown_until_all_are_forgotten(shown):
    notices.mark_shown("weather")
    assert notices.was_shown("weather")
    notices.notify_once("weather", "It rains.")
    assert shown() == []
    notices.forget_notices()
    notices.notify_once("weather", "It rains.")
    assert shown() == ["It rains."]


def warn_twice():
    notices.warn_once("odd", "Odd.")
    notices.warn_once("odd", "Odd.")
    return sys._getframe().f_lineno - 2


def test_a_warning_points_to_the_program_once(recwarn):
    line = warn_twice()
    (warned,) = recwarn
    assert (str(warned.message), warned.filename, warned.lineno) == ("Odd.", __file__, line)
