"""The users of a class, as their teacher manages them.

``accounts_file`` reads the file with the users of a server, their projects, limits and bookings.
``enrolment`` puts its content into force, and ``reload`` does so whenever the file changes.
``class_folder`` creates the file, ``accounts_editor`` changes it for the students of a ``roster``,
and ``handout`` writes what each student gets.
"""
