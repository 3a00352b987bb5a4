"""The database: schema, jobs, queue, data of jobs."""
