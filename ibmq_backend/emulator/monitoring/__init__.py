"""What the person who runs a server can watch.

``journal`` writes a line for each login, job and error; ``metrics`` collects figures for
Prometheus; ``health`` says whether the server works. ``monitor`` connects them with a service.
"""
