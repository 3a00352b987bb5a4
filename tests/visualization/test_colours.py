"""Colours are visible on white and black, and text on them is readable."""

import pytest

from ibmq_backend.visualization.colours import (
    BROKEN_COLOUR,
    INKS,
    QUBIT_COLOUR,
    contrast,
    scale_colour,
    scale_colours,
    text_colour,
)

READABLE = 4.5  # WCAG 2, level AA
ALL = [QUBIT_COLOUR, BROKEN_COLOUR, *scale_colours(50)]


def test_contrast_of_known_colours():
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_text_is_readable_on_every_colour():
    assert min(contrast(INKS[text_colour(each)], each) for each in ALL) > READABLE
    assert {text_colour(each) for each in ALL} == {"black", "white"}


@pytest.mark.parametrize("background", INKS.values())
def test_colours_are_visible_on_the_background(background):
    assert min(contrast(each, background) for each in ALL) > 2


def test_scale_is_logarithmic():
    low, middle, high = scale_colours(3)
    assert scale_colour(0.001, 0.001, 0.1) == low
    assert scale_colour(0.01, 0.001, 0.1) == middle
    assert scale_colour(0.1, 0.001, 0.1) == high
    assert scale_colour(0, 0.001, 0.1) == low
    assert scale_colour(0.5, 0.001, 0.1) == high
    assert scale_colour(0.2, 0.2, 0.2) == low


def test_higher_rates_are_lighter():
    lightness = [contrast(each, "#000000") for each in scale_colours(20)]
    assert lightness == sorted(lightness)
