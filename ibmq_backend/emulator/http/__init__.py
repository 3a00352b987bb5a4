"""The service over HTTP.

``app`` puts the application together behind ``front``; ``server`` runs it, for ``embedded`` (the
service inside this process, with folders from ``scratch``) and for ``serve`` (a server of its own,
with the options of ``serve_options``, the users of ``accounts_file`` and the secrets of
``secret_files``). ``admin`` lists and cancels the jobs of all users; ``log_guard`` keeps secrets
out of the logs of libraries.
"""
