"""State that only the classic dialect has."""
