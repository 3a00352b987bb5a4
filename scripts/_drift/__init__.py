"""The steps of ``scripts/drift``, one module each."""
