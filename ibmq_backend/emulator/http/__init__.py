"""The service over HTTP.

``app`` builds the application with ``middleware``, and ``server`` runs it: for ``embedded``, the
service in the current process with folders of ``scratch``, and for ``serve``, a separate server
with the command line of ``serve_options``, which prints ``start_lines``. ``admin`` lists and
cancels the jobs of all users; ``log_guard`` removes secrets from the logs of libraries.
"""
