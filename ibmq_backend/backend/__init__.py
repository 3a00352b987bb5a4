"""Backends: ``IBMQBackend`` and its variants, the backend service, and what ``run()`` takes."""
