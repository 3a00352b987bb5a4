"""The table of old import paths in docs/old-programs.md, made from the code."""

from __future__ import annotations

from typing import Final

START: Final = "<!-- table of imports: written by scripts/docs -->\n"
END: Final = "<!-- end of the table -->\n"


def with_old_names(page: str) -> str:
    """Return the page with the table as the code has it.

    Raises:
        LookupError: the page lacks a mark between which the table stands.
    """
    from ibmq_backend._compat.dropin import OLD_NAMES

    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise LookupError(f"docs/old-programs.md lacks {START.strip()!r} or {END.strip()!r}")
    lines = ["| `qiskit.providers.ibmq.` … | is `ibmq_backend.` … |", "|---|---|"]
    lines += [f"| `{old}` | `{new}` |" for old, new in OLD_NAMES.items()]
    return before + start + "\n".join(lines) + "\n" + end + after
