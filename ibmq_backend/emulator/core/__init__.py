"""Values that every part of the emulator uses.

``records`` defines stored jobs and ``lifecycle`` their statuses; ``errors`` defines the errors that
all dialects share, ``error_codes`` their numbers; ``job_events`` notifies threads of changed jobs,
``observer`` a log of what the service does; ``clock`` is the time of the service; ``raw_json``
passes JSON on without parsing it, ``prepared`` without encoding it again; ``secret_files`` checks
files with secrets.
"""
