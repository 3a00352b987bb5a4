"""The database: versions, counters, secrets; the same on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, inspect, select, text, update

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.store.database import Store, schema


def test_a_new_database_knows_its_version(store_url: str) -> None:
    store = Store(store_url)
    with store.read() as connection:
        rows = {row.key: row.value for row in connection.execute(select(schema.meta))}
    assert rows["schema_version"] == str(schema.SCHEMA_VERSION)
    assert len(rows["secret"]) == 64
    store.close()


def test_each_database_keeps_its_own_secret(store_url: str, tmp_path: Path) -> None:
    digests = []
    for _ in range(2):
        store = Store(store_url)
        digests.append(store.keyed_digest("x", "y"))
        store.close()
    other = Store(str(tmp_path / "other.sqlite"))
    assert digests[0] == digests[1]
    assert other.keyed_digest("x", "y") != digests[0]
    assert other.keyed_digest("x", "y") != other.keyed_digest("xy", "")
    other.close()


def test_another_version_is_refused(store_url: str) -> None:
    store = Store(store_url)
    with store.write() as connection:
        connection.execute(
            update(schema.meta).where(schema.meta.c.key == "schema_version").values(value="99")
        )
        schema.reservations.drop(connection)  # the newer version does without this table
    store.close()
    with pytest.raises(EmulatorError, match="schema version 99"):
        Store(store_url)
    engine = create_engine(store.url)
    assert not inspect(engine).has_table("reservations")
    engine.dispose()


def test_numbers_are_unique(store_url: str) -> None:
    """Two connection pools, like those of two servers, draw at the same time."""
    stores = [Store(store_url), Store(store_url)]

    def draw(number: int) -> int:
        store = stores[number % 2]
        with store.write() as connection:
            return store.next_number(connection, "test")

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(draw, range(60)))
    assert sorted(numbers) == list(range(1, 61))
    with stores[0].write() as connection:
        assert stores[0].next_number(connection, "test", floor=1000) == 1000
        assert stores[0].next_number(connection, "test", floor=5) == 1001
    for store in stores:
        store.close()


def test_a_failed_change_leaves_nothing(store_url: str) -> None:
    store = Store(store_url)

    def fail() -> None:
        with store.write() as connection:
            store.next_number(connection, "test")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.write() as connection:
        assert store.next_number(connection, "test") == 1
    store.close()


def test_existing_rows_are_kept(store_url: str) -> None:
    store = Store(store_url)
    with store.write() as connection:
        connection.execute(insert(schema.meta).values(key="k", value="first"))
        store.insert_missing(connection, schema.meta, {"key": "k", "value": "second"})
        kept = connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == "k"))
        assert kept.scalar() == "first"
    store.close()


@pytest.mark.postgres
def test_servers_may_start_at_once(postgres_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(Store, [postgres_url] * 4))
    assert len({store.keyed_digest("x", "y") for store in stores}) == 1
    for store in stores:
        store.close()


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "what://", "://"]
)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(EmulatorError, match="SQLite file|not the URL"):
        Store(url)


def test_a_database_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(EmulatorError, match="cannot create the folder"):
        Store(str(tmp_path / "file" / "store.sqlite"))
    with pytest.raises(EmulatorError, match="cannot open the database"):
        Store(str(tmp_path))
    for url in (
        "postgresql://user:canary@127.0.0.1:1/x",
        "postgresql://127.0.0.1:1/x?password=canary",
    ):
        with pytest.raises(EmulatorError, match="cannot open the database") as caught:
            Store(url)
        assert "canary" not in str(caught.value)


def test_a_file_that_is_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be read as a header of one " * 20)
    with pytest.raises(EmulatorError, match="cannot open the database"):
        Store(str(path))
    assert path.read_text().startswith("not a database")


def test_a_database_of_schema_3_gets_the_indexes_of_a_new_one(store_url: str) -> None:
    store = Store(store_url)
    engine = create_engine(store.url)
    new = inspect(engine).get_indexes("jobs")
    with store.write() as connection:
        schema.turns.drop(connection)
        for name in ("jobs_by_device", "jobs_of_user"):
            connection.execute(text(f"DROP INDEX {name}"))
        connection.execute(text("CREATE INDEX jobs_by_status ON jobs (status, planned_start_ms)"))
        connection.execute(
            update(schema.meta).where(schema.meta.c.key == "schema_version").values(value="3")
        )
    store.close()
    Store(store_url).close()
    names = {index["name"]: index["column_names"] for index in inspect(engine).get_indexes("jobs")}
    assert names == {index["name"]: index["column_names"] for index in new}
    assert inspect(engine).has_table("turns")
    engine.dispose()


def test_the_jobs_of_a_database_of_schema_2_get_their_dialects(store_url: str) -> None:
    store = Store(store_url)
    columns = [column.name for column in schema.jobs.columns if column.name != "dialect"]
    values = {
        "classic0": {"hub": "platform"},
        "platform0": {"hub": "platform"},
        "classic1": {"hub": "ibm-q"},
    }
    with store.write() as connection:
        connection.execute(text("ALTER TABLE jobs DROP COLUMN dialect"))
        for number, (job_id, own) in enumerate(values.items(), start=1):
            row = {
                "id": job_id,
                "sequence": number,
                "creation_ms": number,
                "user_id": "a" * 24,
                "group_name": "open",
                "project": "main",
                "backend_name": "ibmq_vigo",
                "backend_version": "1.0.0",
                "status": "CREATED",
                "final": False,
                "steps": "[]",
                "last_step_ms": number,
                "revision": 1,
                "tags": "[]",
                "seed": 1,
                "deleted": False,
                "attempts": 0,
                "run_ms": 0,
                **own,
            }
            assert row.keys() <= set(columns)
            names = ", ".join(row)
            places = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO jobs ({names}) VALUES ({places})"), row)
        connection.execute(
            insert(schema.program_runs).values(
                job_id="platform0",
                creation_ms=2,
                user_id="a" * 24,
                instance_id="i",
                program="sampler",
                private=False,
                results_read=False,
                cost=1,
                estimate_ms=1,
                charged_ms=0,
            )
        )
        connection.execute(
            update(schema.meta).where(schema.meta.c.key == "schema_version").values(value="2")
        )
    store.close()
    again = Store(store_url)
    with again.read() as connection:
        row = schema.jobs.c
        found = {one.id: one.dialect for one in connection.execute(select(row.id, row.dialect))}
        version = connection.execute(
            select(schema.meta.c.value).where(schema.meta.c.key == "schema_version")
        ).scalar_one()
    again.close()
    assert found == {"classic0": "classic", "platform0": "platform", "classic1": "classic"}
    assert version == str(schema.SCHEMA_VERSION)


def test_a_new_connection_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store.sqlite"))
    with store.write() as writer:
        store.next_number(writer, "test")
        with store.read() as reader:  # the pool had one connection, which writes
            assert reader.execute(text("SELECT count(*) FROM jobs")).scalar() == 0
    store.close()
