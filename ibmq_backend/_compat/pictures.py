"""Lets Terra draw gate maps where Graphviz, which Terra 0.46 began to need for it, is missing."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from ibmq_backend._compat.replacing import rebound, replace_in_place


def _draws_without_graphviz(original: Callable[..., Any]) -> Callable[..., Any]:
    from qiskit.utils import optionals

    def plot_coupling_map(*args: Any, **kwargs: Any) -> Any:
        if optionals.HAS_GRAPHVIZ:
            return original(*args, **kwargs)
        from ibmq_backend.visualization.graph_drawing import draw_graph

        plain = original.__wrapped__  # type: ignore[attr-defined]
        return rebound(plain, {"graphviz_draw": draw_graph})(*args, **kwargs)

    plot_coupling_map.__wrapped__ = original.__wrapped__  # type: ignore[attr-defined]
    return plot_coupling_map


def adapt_gate_map(module: ModuleType) -> None:
    """Adapt ``qiskit.visualization.gate_map``."""
    replace_in_place(module.plot_coupling_map, _draws_without_graphviz)
