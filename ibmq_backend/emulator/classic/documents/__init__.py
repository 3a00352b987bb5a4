"""Documents of ``jobs``, ``hubs`` and ``reservations``."""
