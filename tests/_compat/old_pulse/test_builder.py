"""Contexts of the pulse builder that were removed."""

from qiskit import pulse


def test_inline_and_pad_add_to_the_context_around():
    shape, channel = pulse.Constant(8, 0.1), pulse.DriveChannel(0)
    with pulse.build() as made:
        with pulse.inline():
            pulse.play(shape, channel)
        with pulse.pad(channel):
            pulse.play(shape, channel)
    assert [type(each) for each in made.blocks] == [pulse.Play, pulse.Play]
