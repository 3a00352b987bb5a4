"""Parts of ``scripts/bench`` that need more than a page."""
