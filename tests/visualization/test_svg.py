"""The SVG of a device: numbers inside circles, names of gates, marks of broken gates."""

import math
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from matplotlib.textpath import TextPath

from ibmq_backend.visualization.colours import BROKEN_COLOUR, QUBIT_COLOUR
from ibmq_backend.visualization.error_rates import ErrorRates, GateErrors, rates_of_properties
from ibmq_backend.visualization.svg import map_svg

NAMESPACE = "{http://www.w3.org/2000/svg}"
MAX_CHARACTERS_OF_127_QUBITS = 45_000


def elements(svg, tag):
    return ElementTree.fromstring(svg).iter(NAMESPACE + tag)


def drawn(backend):
    configuration, rates = backend.configuration(), rates_of_properties(backend.properties())
    return map_svg(backend.name(), configuration.n_qubits, configuration.coupling_map or (), rates)


def text_of(svg):
    return [text.text for text in elements(svg, "text")]


@pytest.mark.parametrize(
    "name",
    ["ibmq_armonk", "ibmqx2", "ibmq_casablanca", "ibmq_16_melbourne", "ibmq_20_tokyo",
     "ibmq_montreal", "ibmq_rochester", "ibmq_manhattan", "ibm_washington"],
)  # fmt: skip
def test_numbers_are_inside_circles_that_do_not_touch(provider, name):
    backend = provider.get_backend(name)
    svg = drawn(backend)
    root = ElementTree.fromstring(svg)
    _, labels, _ = root.findall(NAMESPACE + "g")
    font = float(labels.get("font-size"))
    circles = []
    for qubit, group in enumerate(labels):
        circle, text = group.find(NAMESPACE + "circle"), group.find(NAMESPACE + "text")
        x, y, radius = (float(circle.get(key)) for key in ("cx", "cy", "r"))
        circles.append((x, y))
        assert text.text == str(qubit)
        box = TextPath((0, 0), text.text, size=font).get_extents()  # a wide font
        below = float(text.get("y")) - y
        reach = math.hypot(box.width / 2, max(abs(below), abs(below - box.height)))
        assert reach < radius
    assert len(circles) == backend.configuration().n_qubits
    assert all(math.dist(*each) > 2 * radius for each in combinations(circles, 2))
    width, height = float(root.get("width")), float(root.get("height"))
    assert all(radius <= x <= width - radius and radius <= y <= height for x, y in circles)
    assert len(svg) < MAX_CHARACTERS_OF_127_QUBITS


def test_legend_names_the_gates(provider):
    assert text_of(drawn(provider.get_backend("ibmq_vigo")))[5:] == [
        "sx error 0.04 to 0.0631 %",
        "cx error 0.659 to 1.2 %",
    ]
    assert "ecr error" in drawn(provider.get_backend("ibm_sherbrooke"))
    assert text_of(drawn(provider.get_backend("ibmq_armonk"))) == ["0", "sx error 0.0198 %"]


def test_legend_lines_are_apart(provider):
    legend = ElementTree.fromstring(drawn(provider.get_backend("ibm_washington")))[-1]
    lines = [float(text.get("y")) for text in legend.iter(NAMESPACE + "text")]
    assert len(lines) == 3
    assert all(second - first >= 11 for first, second in pairwise(lines))


def test_gates_that_are_switched_off(provider):
    svg = drawn(provider.get_backend("ibm_washington"))
    off = [line for line in elements(svg, "line") if line.get("stroke") == BROKEN_COLOUR]
    assert {line.find(NAMESPACE + "title").text for line in off} == {
        "9-10: cx is switched off",
        "12-17: cx is switched off",
        "96-109: cx is switched off",
    }
    assert all(line.get("stroke-dasharray") for line in off)
    assert text_of(svg)[-1] == "switched off"


def test_without_calibration(provider):
    svg = map_svg("ibmqx4", 5, provider.get_backend("ibmqx4").configuration().coupling_map)
    assert text_of(svg) == ["0", "1", "2", "3", "4"]
    assert {circle.get("fill") for circle in elements(svg, "circle")} == {QUBIT_COLOUR}


def test_names_are_escaped():
    single = GateErrors("<s>&", {(0,): 0.1, (1,): 0.2})
    pair = GateErrors("<p>&", {(0, 1): 1.0})
    svg = map_svg("<b>&", 2, [(0, 1)], ErrorRates(single, pair, {}))
    assert [title.text for title in elements(svg, "title")] == [
        "Map of <b>&",
        "0-1: <p>& is switched off",
        "Qubit 0: <s>& error 10 %",
        "Qubit 1: <s>& error 20 %",
    ]
