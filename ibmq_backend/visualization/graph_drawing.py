"""Draws a small graph with Matplotlib, called as ``rustworkx.visualization.graphviz_draw`` is.

Terra's gate maps go through Graphviz, a program that ``pip`` cannot install. The attributes are
those that Terra hands to it: positions and diameters in inches, widths and fonts in points.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import rustworkx

if TYPE_CHECKING:
    from PIL.Image import Image

Attributes = Mapping[str, str]
Position = tuple[float, float]

DOTS_PER_INCH: Final = 96
"""Of the picture, as Graphviz has it."""

LAYOUT_SEED: Final = 7
"""Graphs without positions look the same every time."""


def draw_graph(
    graph: Any,
    node_attr_fn: Callable[[Any], Attributes],
    edge_attr_fn: Callable[[Any], Attributes],
    filename: str | None = None,
    method: str | None = None,
    image_type: str | None = None,
) -> Image | None:
    """Return a picture of a graph.

    Args:
        graph: a rustworkx graph, directed (drawn with arrows) or not.
        node_attr_fn: attributes of a node, from its data: ``label``, ``fillcolor``,
            ``fontcolor``, ``fontsize``, ``height`` and, where it has a place, ``pos``.
        edge_attr_fn: attributes of an edge, from its data: ``color``, ``penwidth``.
        filename: write the picture there instead of returning it.
        method: accepted and without effect.
        image_type: format of the file; told from its name when not given.
    """
    del method
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    nodes = {index: _unquoted(node_attr_fn(graph[index])) for index in graph.node_indices()}
    places = _places(graph, nodes)
    sizes = {index: float(node.get("height", 0.3)) for index, node in nodes.items()}
    margin = max(sizes.values()) / 2 + 0.1
    left, right = (f(x for x, _ in places.values()) for f in (min, max))
    bottom, top = (f(y for _, y in places.values()) for f in (min, max))
    figure = Figure(figsize=(right - left + 2 * margin, top - bottom + 2 * margin))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(left - margin, right + margin)
    axes.set_ylim(bottom - margin, top + margin)
    axes.axis("off")
    directed = isinstance(graph, rustworkx.PyDiGraph)
    for start, end, data in graph.weighted_edge_list():
        edge = _unquoted(edge_attr_fn(data))
        shrink = sizes[end] / 2 * 72  # inches to points: the arrow ends at the rim
        axes.annotate(
            "",
            xy=places[end],
            xytext=places[start],
            arrowprops={
                "arrowstyle": "-|>" if directed else "-",
                "color": edge.get("color", "black"),
                "linewidth": float(edge.get("penwidth", 1)),
                "shrinkA": 0,
                "shrinkB": shrink if directed else 0,
            },
            zorder=1,
        )
    for index, node in nodes.items():
        _draw_node(axes, places[index], sizes[index], node)
    if filename is not None:
        figure.savefig(filename, dpi=DOTS_PER_INCH, format=image_type)
        return None
    return _picture(figure)


def _draw_node(axes: Any, place: Position, size: float, node: Attributes) -> None:
    from matplotlib.patches import Circle

    axes.add_patch(Circle(place, size / 2, color=node.get("fillcolor", "lightgrey"), zorder=2))
    axes.text(
        *place,
        node.get("label", ""),
        color=node.get("fontcolor", "black"),
        fontsize=float(node.get("fontsize", 10)),
        horizontalalignment="center",
        verticalalignment="center_baseline",
        zorder=3,
    )


def _picture(figure: Any) -> Image:
    from PIL import Image as images

    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=DOTS_PER_INCH, format="png")
    buffer.seek(0)
    return images.open(buffer)


def _unquoted(attributes: Attributes) -> dict[str, str]:
    return {name: value.strip('"') for name, value in attributes.items()}


def _places(graph: Any, nodes: Mapping[int, Attributes]) -> dict[int, Position]:
    """Return where each node stands, in inches."""
    if all("pos" in node for node in nodes.values()):
        return {index: _position(node["pos"]) for index, node in nodes.items()}
    found = rustworkx.spring_layout(graph, seed=LAYOUT_SEED, num_iter=500)
    scale = max(1.0, len(nodes) ** 0.5 / 2)
    return {index: (scale * x, scale * y) for index, (x, y) in found.items()}


def _position(text: str) -> Position:
    x, y = text.split(",")
    return float(x), float(y)
