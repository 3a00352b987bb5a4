"""What the classic dialect sends: ``jobs``, ``summaries`` of their data, ``hubs``, ``reservations``."""
