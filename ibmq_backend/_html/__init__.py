"""Static HTML for notebooks, without scripts, style sheets and links.

``blocks`` are cards, tables and charts. Colours are those of the theme of JupyterLab, or those of
the page elsewhere. Where styles and pictures are removed, the tables with all values remain.
"""

from __future__ import annotations

from ibmq_backend._html.blocks import MAX_READ_SECONDS, Bar, beside, card, chart, note, table

__all__ = ["MAX_READ_SECONDS", "Bar", "beside", "card", "chart", "note", "table"]
