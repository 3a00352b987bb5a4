"""Statements that are compiled once.

SQLAlchemy looks up the compiled text and the types, and describes the result, each time that a
statement is executed, which takes several times as long as SQLite. Here the driver executes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, Connection, Delete, Dialect, Insert, Select
from sqlalchemy import Update as UpdateStatement
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

_Convert = Callable[[Any], Any]


class Statement:
    """A statement whose values are given by name.

    Args:
        statement: its parameters are none that expand to lists.

    Raises:
        KeyError: if a value is missing when it is executed.
    """

    def __init__(self, statement: Insert | UpdateStatement | Delete | Select[Any]) -> None:
        self._statement: Final = statement
        self._compiled: WeakKeyDictionary[Dialect, dict[frozenset[str], _Compiled]] = (
            WeakKeyDictionary()
        )

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[list[Any]]:
        """Return all rows of a query, with the values that the columns stand for."""
        return self._for(connection, values).rows(connection, values)

    def scalar(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Return the first column of the first row of a query; None without rows."""
        found = self.rows(connection, values)
        return found[0][0] if found else None

    def execute(self, connection: Connection, *rows: Mapping[str, Any]) -> int:
        """Change rows, once for each row of values, all with the same names.

        Returns:
            The number of changed rows.
        """
        return self._for(connection, rows[0]).execute(connection, rows)

    def _for(self, connection: Connection, values: Mapping[str, Any]) -> _Compiled:
        known = self._compiled.setdefault(connection.dialect, {})
        names = frozenset(values)
        compiled = known.get(names)
        if compiled is None:
            compiled = known[names] = _Compiled(self._statement, connection.dialect, values)
        return compiled


class _Compiled:
    """The text of a statement for one kind of database and one set of names."""

    def __init__(
        self,
        statement: Insert | UpdateStatement | Delete | Select[Any],
        dialect: Dialect,
        names: Mapping[str, Any],
    ) -> None:
        if isinstance(statement, Insert):
            statement = statement.inline()  # does not return the new key
        keys = None if isinstance(statement, Select) else list(names)
        compiled = statement.compile(dialect=dialect, column_keys=keys)
        assert isinstance(compiled, SQLCompiler)
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        self._conversions: list[tuple[int, _Convert]] = []
        for index, column in enumerate(columns):
            convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
            if convert is not None:
                self._conversions.append((index, convert))
        self._text = compiled.string
        self._positional = compiled.positional
        order: Sequence[str] = compiled.positiontup or list(compiled.binds)
        for name in order:
            if compiled.binds[name].required and name not in names:
                raise KeyError(name)
        self._parameters = [
            (name, compiled.binds[name], _conversion(compiled.binds[name], dialect))
            for name in order
        ]

    def execute(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        given = [self._given(row) for row in rows]
        with self._cursor(connection) as cursor:
            if len(given) == 1:
                cursor.execute(self._text, given[0])
            else:
                cursor.executemany(self._text, given)
            return int(cursor.rowcount)

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[list[Any]]:
        with self._cursor(connection) as cursor:
            cursor.execute(self._text, self._given(values))
            found = [list(row) for row in cursor.fetchall()]
        for row in found:
            for index, convert in self._conversions:
                row[index] = convert(row[index])
        return found

    @contextmanager
    def _cursor(self, connection: Connection) -> Iterator[Any]:
        """Open a cursor of the driver, whose errors become those of SQLAlchemy."""
        raw, dialect = connection.connection, connection.dialect
        cursor = raw.cursor()
        try:
            yield cursor
        except dialect.loaded_dbapi.Error as error:
            if dialect.is_disconnect(error, raw, cursor):
                connection.invalidate(error)
            raise DBAPIError.instance(
                self._text, None, error, dialect.loaded_dbapi.Error, hide_parameters=True
            ) from error
        finally:
            cursor.close()

    def _given(self, row: Mapping[str, Any]) -> Any:
        values = []
        for name, bind, convert in self._parameters:
            value = row.get(name, bind.value)
            values.append(value if convert is None else convert(value))
        if self._positional:
            return tuple(values)
        return dict(zip((name for name, *_ in self._parameters), values, strict=True))


def _conversion(bind: BindParameter[Any], dialect: Dialect) -> _Convert | None:
    return bind.type.dialect_impl(dialect).bind_processor(dialect)
