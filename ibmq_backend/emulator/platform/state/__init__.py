"""What only today's dialect knows.

``state`` puts together ``instances`` (plans and limits), ``tokens`` (made from API keys), ``runs``
(what a job has beside the job itself) and ``sessions`` (and batches).
"""
