"""What the classic dialect sends of ``jobs``, and the ``summaries`` of their data."""
