"""The query parameters of the lists of today's dialect, and what they select."""
