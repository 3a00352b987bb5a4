"""Jobs of today's dialect for the engine."""
