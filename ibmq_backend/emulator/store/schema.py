"""The tables of the emulator's database; the same for SQLite and PostgreSQL.

Times are whole milliseconds since 1970 in UTC. Only digests of tokens are stored.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA_VERSION: Final = 4
"""Stored in every new database. An older database is converted when it is opened; a newer one is
refused."""

CONVERSIONS: Final[dict[int, tuple[str, ...]]] = {
    1: (
        "WITH RECURSIVE numbers(n) AS "
        "(SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000) "
        "INSERT INTO job_data (job_id, kind, number, size, content) "
        "SELECT job_id, kind, n, CASE WHEN n = 0 THEN length(content) ELSE 0 END, "
        "substr(content, 1 + 262144 * n, 262144) "
        "FROM blobs JOIN numbers ON n = 0 OR 262144 * n < length(content)",
        "DROP TABLE blobs",
        "ALTER TABLE jobs ADD COLUMN run_ms BIGINT NOT NULL DEFAULT 0",
    ),
    2: (
        "ALTER TABLE jobs ADD COLUMN dialect VARCHAR(16) NOT NULL DEFAULT 'classic'",
        "UPDATE jobs SET dialect = 'platform' WHERE id IN (SELECT job_id FROM program_runs)",
    ),
    3: (
        "DROP INDEX IF EXISTS jobs_by_status",
        "CREATE INDEX IF NOT EXISTS jobs_by_device "
        "ON jobs (status, backend_name, user_id, creation_ms, planned_start_ms, planned_end_ms)",
        "CREATE INDEX IF NOT EXISTS jobs_of_user ON jobs (user_id, creation_ms)",
    ),
}
"""For each older version the statements that convert it to the next one."""

metadata = MetaData()

_json = JSON(none_as_null=True)
# SQLite gives rowids only to columns of the exact type INTEGER.
_serial = BigInteger().with_variant(Integer(), "sqlite")

meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user_id", String(24), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False, index=True),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("sequence", BigInteger, nullable=False, unique=True),
    Column("creation_ms", BigInteger, nullable=False, unique=True),
    Column("user_id", String(24), nullable=False),
    Column("dialect", String(16), nullable=False),
    Column("hub", Text, nullable=False),
    Column("group_name", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("backend_name", Text, nullable=False),
    Column("backend_version", Text, nullable=False),
    Column("status", String(24), nullable=False),
    Column("final", Boolean, nullable=False),
    Column("steps", _json, nullable=False),
    Column("last_step_ms", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("name", Text),
    Column("tags", _json, nullable=False),
    Column("experiment_tag", Text),
    Column("share_level", Text),
    Column("live_data", Boolean),
    Column("client_name", Text),
    Column("client_version", Text),
    Column("address", Text),
    Column("seed", BigInteger, nullable=False),
    Column("shots", BigInteger),
    Column("input_bytes", BigInteger),
    Column("run_mode", String(16)),
    Column("planned_start_ms", BigInteger),
    Column("planned_end_ms", BigInteger),
    Column("end_ms", BigInteger),
    Column("error", _json),
    Column("summary", _json),
    Column("properties_digest", String(64)),
    Column("deleted", Boolean, nullable=False),
    Column("lease_owner", String(64)),
    Column("lease_until_ms", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("run_ms", BigInteger, nullable=False),
    Index("jobs_of_project", "user_id", "hub", "group_name", "project", "creation_ms"),
    Index("jobs_of_user", "user_id", "creation_ms"),
    Index(
        "jobs_by_device",
        "status",
        "backend_name",
        "user_id",
        "creation_ms",
        "planned_start_ms",
        "planned_end_ms",
    ),
    Index("jobs_open_on_backend", "final", "backend_name"),
)

job_data = Table(
    "job_data",
    metadata,
    Column("job_id", String(24), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("backend_name", Text, primary_key=True),
    Column("user_id", String(24), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("run_ms", BigInteger, nullable=False),
    Index("turns_of_user", "user_id", "number"),
    Index("turns_on_device", "backend_name", "number"),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("document", Text, nullable=False),
)

reservations = Table(
    "reservations",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("user_id", String(24), nullable=False),
    Column("hub", Text, nullable=False),
    Column("group_name", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("backend_name", Text, nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger, nullable=False, index=True),
    Column("creation_ms", BigInteger, nullable=False),
    Column("mode", String(16), nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("sequence", _serial, primary_key=True, autoincrement=True),
    Column("job_id", String(24), nullable=False, index=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("status", String(24), nullable=False),
    Column("owner", String(64)),
    Column("attempt", Integer, nullable=False),
)

program_runs = Table(
    "program_runs",
    metadata,
    Column("job_id", String(24), primary_key=True),
    Column("creation_ms", BigInteger, nullable=False),
    Column("user_id", String(24), nullable=False),
    Column("instance_id", String(64), nullable=False),
    Column("program", Text, nullable=False),
    Column("session_id", String(64)),
    Column("private", Boolean, nullable=False),
    Column("results_read", Boolean, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Column("calibration_id", Text),
    Column("log_level", Text),
    Column("caller", Text),
    Column("parent_job_id", Text),
    Column("estimate_ms", BigInteger, nullable=False),
    Column("charged_ms", BigInteger, nullable=False),
    Column("charged_at_ms", BigInteger),
    Index("program_runs_of_instance", "instance_id", "charged_at_ms"),
    Index("program_runs_of_user", "user_id", "creation_ms"),
    Index("program_runs_of_session", "session_id"),
)

job_sessions = Table(
    "job_sessions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user_id", String(24), nullable=False),
    Column("instance_id", String(64), nullable=False),
    Column("backend_name", Text),
    Column("mode", String(16), nullable=False),
    Column("max_ttl", BigInteger, nullable=False),
    Column("interactive_ttl", BigInteger, nullable=False),
    Column("accepting_jobs", Boolean, nullable=False),
    Column("state", String(24), nullable=False),
    Column("state_reason", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("activated_ms", BigInteger),
    Column("closed_ms", BigInteger),
    Column("timestamps", _json, nullable=False),
    Index("job_sessions_of_user", "user_id", "instance_id", "created_ms"),
)
