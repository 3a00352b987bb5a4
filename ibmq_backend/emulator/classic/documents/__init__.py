"""What the classic dialect sends: ``jobs`` with ``summaries``, ``hubs`` and ``reservations``."""
