"""Reads the HTML that notebooks show, which must be static, escaped and labelled."""

from __future__ import annotations

from xml.etree import ElementTree

TEXT = {"div", "p", "table", "caption", "thead", "tbody", "tr", "th", "td", "b", "br", "code"}
PICTURES = {"svg", "title", "line", "path", "circle", "rect", "text", "g"}


def read(html: str) -> ElementTree.Element:
    """Return the parsed HTML; fail if it is not well-formed, static and accessible."""
    root = ElementTree.fromstring(f"<div>{html}</div>")
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        assert tag in TEXT | PICTURES
        assert not {name for name in element.attrib if name.startswith("on")}
        assert not element.attrib.keys() & {"href", "src", "class", "id"}
        assert "url(" not in " ".join(element.attrib.values())
        if tag == "th":
            assert element.get("scope") in {"row", "col"}
        if tag == "svg":
            assert element.get("aria-hidden") == "true" or element.get("role") == "img"
    return root


def rows(html: str) -> dict[str, list[str]]:
    """Return the texts of the cells of each row by its heading."""
    return {
        "".join(row[0].itertext()): ["".join(cell.itertext()) for cell in row[1:]]
        for row in read(html).iter("tr")
    }


def bars(html: str) -> dict[str, tuple[float, float]]:
    """Return left end and width of each bar in percent by the heading of its row."""
    found = {}
    for row in read(html).iter("tr"):
        for bar in row.iter("rect"):
            found["".join(row[0].itertext())] = (
                float(bar.attrib["x"].rstrip("%")),
                float(bar.attrib["width"].rstrip("%")),
            )
    return found
