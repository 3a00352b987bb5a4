"""Interactive figures are figures of Matplotlib with the old arguments."""

import pytest
from matplotlib.figure import Figure

from ibmq_backend._compat.old_modules import interactive

STATE = [1, 0, 0, 0]


@pytest.mark.parametrize(
    "name",
    ["bloch_multivector", "state_city", "state_hinton", "state_paulivec", "state_qsphere", "state"],
)
def test_figures_of_states(name):
    if name == "state_qsphere":
        pytest.importorskip("seaborn")
    figure = getattr(interactive, f"iplot_{name}")(STATE, figsize=(500, 300))
    assert isinstance(figure, Figure)


def test_histogram_keeps_bars_and_has_a_size_in_pixels():
    counts = {"00": 50, "01": 30, "10": 15, "11": 5}
    figure = interactive.iplot_histogram(counts, number_to_keep=2, figsize=(600, 400))
    assert figure.get_size_inches().tolist() == [6, 4]
    assert len(figure.axes[0].patches) == 3
    old = interactive.iplot_histogram(
        counts, options={"number_to_keep": 2, "width": 600, "height": 400}
    )
    assert old.get_size_inches().tolist() == [6, 4]
    assert len(old.axes[0].patches) == 3


def test_a_notebook_shows_the_figure_at_once(monkeypatch):
    import IPython
    import IPython.display

    class Shell:
        def has_trait(self, name):
            return name == "kernel"

    shown = []
    monkeypatch.setattr(IPython, "get_ipython", Shell)
    monkeypatch.setattr(IPython.display, "display", shown.append)
    assert interactive.iplot_state_city(STATE) is None
    assert isinstance(shown[0], Figure)


def test_unknown_figures_are_refused():
    with pytest.raises(ValueError, match="Pass 'city'"):
        interactive.plot_state(STATE, "wigner")
