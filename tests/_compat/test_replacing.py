"""Functions of other packages, replaced in place."""

import functools
import inspect

import pytest

from ibmq_backend._compat.renamed_arguments import with_old_names
from ibmq_backend._compat.replacing import rebound, replace_in_place


def area(width, height=2, *, unit="m"):
    """Area."""
    return width, height, unit


def test_identity_signature_and_defaults_are_kept():
    def counted(original):
        return lambda *args, **kwargs: (*original(*args, **kwargs), "counted")

    held = area
    replace_in_place(area, counted)
    replace_in_place(area, counted)
    assert held is area
    assert held(1) == (1, 2, "m", "counted")
    assert held(1, 3, unit="km") == (1, 3, "km", "counted")
    assert held.__doc__ == "Area."
    assert list(inspect.signature(held).parameters) == ["width", "height", "unit"]


def test_old_argument_names():
    def volume(width, height=2):
        return width, height

    replace_in_place(volume, with_old_names({"breadth": "width"}))
    assert volume(breadth=1) == (1, 2)
    assert volume(1, 3) == (1, 3)
    with pytest.raises(TypeError, match="'breadth' is the old name of 'width'"):
        volume(breadth=1, width=2)
    with pytest.raises(TypeError):
        volume(depth=1)


def test_below_a_decorator():
    def decorated(function):
        @functools.wraps(function)
        def out(*args):
            return ["decorated", function(*args)]

        return out

    @decorated
    def name(text):
        return text

    held = name
    replace_in_place(name, lambda original: lambda text: original(text).upper())
    assert held("a") == ["decorated", "A"]


def test_closure_without_an_inner_function_is_refused():
    secret = 1

    def closure():
        return secret

    with pytest.raises(TypeError, match="closure"):
        replace_in_place(closure, lambda original: original)


def test_a_rebound_function_uses_other_names():
    assert rebound(uses_len, {"len": lambda value: 99})([]) == 99
    assert uses_len([]) == 0


def uses_len(value):
    return len(value)
