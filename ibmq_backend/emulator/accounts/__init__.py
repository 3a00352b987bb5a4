"""Users and their permissions.

``accounts`` has users and tokens, ``network`` has hubs, groups, projects and their devices, and
``reservations`` has the time slots in which a device is reserved for one user.
"""
