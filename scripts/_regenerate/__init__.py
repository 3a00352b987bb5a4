"""The steps of ``scripts/regenerate``, one module each."""
