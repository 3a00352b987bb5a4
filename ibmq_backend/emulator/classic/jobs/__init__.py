"""Jobs of the classic dialect for the engine."""
