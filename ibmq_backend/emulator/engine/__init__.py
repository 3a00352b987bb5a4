"""Inspecting and running jobs in worker processes.

``dispatcher`` takes jobs from the queue, and keeps what is due later in ``postponed``; their
``job_kind`` makes a ``task`` of each. ``engine`` sends it to a ``worker_process`` of a
``worker_pool``. In that process ``worker`` parses it (``task_handlers``) and runs or inspects it by
the tables of ``runners`` and ``inspectors``, within ``worker_limits`` and ``worker_isolation``.
``qobj_summary`` describes Qobjs, ``result_summary`` results; ``drawings`` draws circuits for pages.
``json_file`` stores large results; ``deferred_scipy`` shortens the start.

``dask_engine`` runs jobs on a ``dask_cluster`` instead, whose machines call ``dask_worker``.
``job_parts`` joins the results of circuits that ran apart.
"""
