"""Values that every part of the emulator uses.

``records`` is a job as it is stored and ``lifecycle`` its statuses; ``errors`` are what can go
wrong, in the terms of no dialect; ``job_events`` tells threads of changes; ``clock`` is the time of
the service. ``raw_json`` and ``big_json`` carry documents that are not, or not at once, parsed.
"""
