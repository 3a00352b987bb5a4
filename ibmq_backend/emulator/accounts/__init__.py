"""Users, tokens, hubs with groups and projects, and reservations."""
