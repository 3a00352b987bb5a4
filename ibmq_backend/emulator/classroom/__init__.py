"""The users of a class, as their teacher manages them.

``accounts_file`` reads the file with the users of a server, their projects and their bookings.
"""
