"""The arguments that drew pulses and schedules until Terra 0.18.

Terra 0.46 still has the drawer that these arguments belong to.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from ibmq_backend._compat.replacing import replace_in_place

RENAMED: Final = {"scaling": "scale", "channels_to_plot": "channels"}
"""Names of arguments until Terra 0.14, and those until 0.18."""

OLD_ARGUMENTS: Final = frozenset(
    {
        "dt",
        "filename",
        "interp_method",
        "scale",
        "channel_scales",
        "plot_all",
        "plot_range",
        "interactive",
        "table",
        "label",
        "framechange",
        "channels",
        "show_framechange_channels",
        "draw_title",
    }
)
"""Arguments of the old drawer only; both drawers have ``style``."""


def adapt_pulse_drawing(module: ModuleType) -> None:
    """Let ``Pulse.draw`` accept the old arguments."""
    replace_in_place(module.Pulse.draw, with_old_arguments)


def adapt_schedule_drawing(module: ModuleType) -> None:
    """Let the ``draw`` methods of schedules accept the old arguments."""
    replace_in_place(module.Schedule.draw, with_old_arguments)


def adapt_instruction_drawing(module: ModuleType) -> None:
    """Let ``Instruction.draw`` accept the names of 2019."""
    replace_in_place(module.Instruction.draw, with_old_arguments)


def adapt_pulse_drawer(module: ModuleType) -> None:
    """Let ``pulse_drawer`` accept the old arguments."""
    replace_in_place(module.draw, with_old_arguments)


def with_old_arguments(original: Callable[..., Any]) -> Callable[..., Any]:
    """Draw with the old drawer if only arguments of that time are given.

    With arguments of both, today's drawer is used: ``plot_range`` is its ``time_range``, and the
    other old arguments have no effect, as between Terra 0.17 and 0.22.
    """

    def draw(*args: Any, **kwargs: Any) -> Any:
        if "data" in kwargs:
            args = (kwargs.pop("data"), *args)
        kwargs = {RENAMED.get(name, name): value for name, value in kwargs.items()}
        if len(args) > 1 and isinstance(args[1], int | float):
            kwargs["dt"] = args[1]
            args = (args[0], *args[2:])
        old = OLD_ARGUMENTS & kwargs.keys()
        if not old:
            return original(*args, **kwargs)
        if len(args) == 1 and kwargs.keys() <= OLD_ARGUMENTS | {"style"}:
            return _draw_as_then(args[0], **kwargs)
        if kwargs.get("plot_range") is not None:
            kwargs.setdefault("time_range", kwargs["plot_range"])
        return original(*args, **{name: value for name, value in kwargs.items() if name not in old})

    return draw


def _draw_as_then(
    program: Any,
    *,
    style: Any = None,
    dt: float | None = None,
    filename: str | None = None,
    interactive: bool = False,
    scale: float | None = None,
    interp_method: Callable[..., Any] | None = None,
    draw_title: bool = False,
    plot_range: Any = None,
    plot_all: bool = False,
    table: bool = False,
    **options: Any,
) -> Any:
    """Return the Matplotlib figure that the old drawer makes of a pulse or a schedule."""
    from qiskit.pulse.library import Pulse
    from qiskit.pulse.schedule import ScheduleBlock
    from qiskit.pulse.transforms import block_to_schedule
    from qiskit.visualization.pulse.matplotlib import ScheduleDrawer, WaveformDrawer
    from qiskit.visualization.pulse.qcstyle import PulseStyle, SchedStyle
    from qiskit.visualization.utils import matplotlib_close_if_inline

    common: dict[str, Any] = {
        "dt": 1 if dt is None else dt,
        "interp_method": interp_method,
        "draw_title": draw_title,
    }
    if isinstance(program, Pulse):
        pulse_style = style if isinstance(style, PulseStyle) else PulseStyle()
        drawer: Any = WaveformDrawer(pulse_style)
        waveform = program.get_waveform() if hasattr(program, "get_waveform") else program
        figure = drawer.draw(waveform, scale=1 if scale is None else scale, **common)
    else:
        drawer = ScheduleDrawer(style if isinstance(style, SchedStyle) else SchedStyle())
        if isinstance(program, ScheduleBlock):
            program = block_to_schedule(program)
        options.update(scale=scale, plot_range=plot_range, plot_all=plot_all, table=table)
        figure = drawer.draw(program, **options, **common)
    if filename:
        figure.savefig(filename, dpi=drawer.style.dpi, bbox_inches="tight")
    matplotlib_close_if_inline(figure)
    if interactive:
        figure.show()
    return figure
