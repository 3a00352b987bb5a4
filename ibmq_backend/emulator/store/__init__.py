"""The database.

``schema`` defines the tables; ``database`` opens and converts it, and ``disk_reserve`` keeps space
for deletions. ``jobs`` has the operations of the owners of jobs and ``queue`` those of the service,
which finds jobs with ``searches``. ``job_changes`` changes their status, and ``statements`` are
compiled once. ``fair_share`` says in which order jobs run, ``job_scan`` reads those of a user and
``job_lists`` lists them for pages. ``job_data`` stores uploads and results, ``totals`` their sizes;
``quotas`` limits the jobs and data of each user, and ``outages`` logs when the database is lost.
``leases`` says which service works on a job, ``seeds`` with which seed it is simulated, and
``retention`` how long it is kept. ``location`` selects and describes the database of a user without
opening a service.
"""
