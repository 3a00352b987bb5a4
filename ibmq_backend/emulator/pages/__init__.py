"""The web pages of a server for several users.

``application`` serves the pages at ``/`` and ``/web``. ``session`` logs people in and out by
cookie, ``overview`` lists the latest jobs and the devices, ``devices`` shows one device and
``connect`` how to connect. ``device_rows`` reads the states of devices, ``qubit_tables`` their
calibrations. ``jobs`` lists jobs (``job_rows``, ``job_states``) and ``job`` shows one, with its
drawing and counts (``job_views``) and what to do about a failure (``next_steps``); ``live`` keeps
open pages up to date. ``visible`` has the devices of a viewer, and ``site`` what all pages share:
routes, templates, the viewer and error pages.
"""
