"""Pulses and schedules are drawn with the arguments of earlier releases."""

import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from qiskit import pulse
from qiskit.pulse import DriveChannel, MeasureChannel, Schedule
from qiskit.visualization import SchedStyle, pulse_drawer

SHAPE = pulse.Gaussian(64, 0.1, 16)
PLAY = pulse.Play(SHAPE, DriveChannel(0))
SCHEDULE = Schedule(PLAY, (64, pulse.Play(SHAPE, MeasureChannel(0))), name="both")


@pytest.fixture(autouse=True)
def _close():
    yield
    pyplot.close("all")


@pytest.mark.parametrize(
    "draw",
    [
        lambda: SCHEDULE.draw(label=True, table=False, framechange=False, interp_method=None),
        lambda: SCHEDULE.draw(1, scaling=2, plot_range=(0, 64), style=SchedStyle()),
        lambda: SCHEDULE.draw(plot_all=True, show_framechange_channels=False, interactive=False),
        lambda: SHAPE.draw(dt=1, scaling=1, interactive=False),
        lambda: pulse.Waveform([0.1] * 8).draw(interp_method=None, style=None),
        lambda: PLAY.draw(channels_to_plot=[DriveChannel(0)], scaling=1),
        lambda: pulse_drawer(data=SCHEDULE, channels=[DriveChannel(0)]),
        lambda: pulse_drawer(SHAPE, dt=1),
        lambda: SCHEDULE.draw(label=True, show_barrier=False),
    ],
)
def test_old_arguments_are_accepted(draw):
    assert isinstance(draw(), Figure)


def test_figures_are_those_of_the_time(tmp_path):
    def texts(figure):
        return {text.get_text() for axis in figure.axes for text in axis.texts}

    both = texts(SCHEDULE.draw(channels_to_plot=[DriveChannel(0), MeasureChannel(0)]))
    one = texts(SCHEDULE.draw(channels_to_plot=[DriveChannel(0)], filename=tmp_path / "x.png"))
    assert "m0" in "".join(both)
    assert "m0" not in "".join(one)
    assert (tmp_path / "x.png").stat().st_size > 1000


def test_blocks_are_drawn():
    with pulse.build() as block:
        pulse.play(SHAPE, DriveChannel(0))
    assert isinstance(block.draw(label=True), Figure)


def test_without_old_arguments_todays_drawer_is_used():
    assert SCHEDULE.draw(plot_range=(0, 32), axis=pyplot.figure().gca()) is not None
    with pytest.raises(TypeError):
        SCHEDULE.draw(nonsense=1)
