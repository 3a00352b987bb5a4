"""Who may use what.

``accounts`` holds users and tokens, ``network`` the hubs, groups and projects with their devices,
``reservations`` the time slots of a device that are kept for one user.
"""
