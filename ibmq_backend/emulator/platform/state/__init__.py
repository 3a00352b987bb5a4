"""State that only today's dialect has: instances, tokens, runs, sessions."""
