"""The web pages of a server for several users.

``application`` serves the pages at ``/`` and ``/web``. ``session`` logs people in and out by cookie,
``overview`` lists devices and the latest jobs, ``devices`` shows one device and ``connect`` how to
connect. ``visible`` has the devices of a viewer, and ``site`` what all pages share: routes, templates,
the viewer and error pages.
"""
