"""The page of the ledger's tables, from the models that make them."""

import inspect
import sys
from collections.abc import Iterator

from sqlalchemy import Column, Table
from sqlmodel import AutoString, SQLModel

import desk.adapters.ledger.schema  # noqa: F401 - imports every table
from console.handbook.markdown import code, page, table
from desk.adapters.ledger.types import ExactDecimal, Json, UtcTime

_INTRODUCTION = """\
The desk writes down everything that it decides and does in one database: `desk.db` in the home folder, or PostgreSQL
([how](../how-to/run-on-postgresql.md)). The Prefect server has a database of its own. Read these tables with whatever
you like; only the desk may write them. Tables that begin with `paper_` are the paper venue's own books: what a real
venue would keep on its side.

A *decimal* keeps every digit: it is `NUMERIC` on PostgreSQL and text on SQLite, where it neither sorts nor compares by
value. A *time* is UTC: `TIMESTAMPTZ` on PostgreSQL, text such as `2026-01-16T16:00:00.000000Z` on SQLite.
"""

_TYPES = {ExactDecimal: "decimal", UtcTime: "time", Json: "JSON", AutoString: "text"}
_TITLES = ("Column", "Type", "Key", "May be empty")


def render_ledger() -> str:
    """Return the page: module by module, the tables in the order in which they are declared."""
    return page("Tables of the ledger", _INTRODUCTION, _blocks())


def _blocks() -> Iterator[str]:
    modules = dict.fromkeys(model.__module__ for model in _models())
    for module in modules:
        yield f"## {_first_sentence(inspect.getdoc(sys.modules[module]) or module)}"
        for model in _models():
            if model.__module__ == module:
                yield f"### {_table(model).name}"
                yield inspect.getdoc(model) or ""
                yield table(_TITLES, map(_row, _table(model).columns))


def _models() -> list[type[SQLModel]]:
    """The desk's own tables; those of a module stay in their order."""
    models = (model for model in SQLModel.__subclasses__() if model.__module__.startswith("desk."))
    return sorted(models, key=lambda model: model.__module__)


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


def _row(column: Column[object]) -> tuple[str, ...]:
    return code(column.name), _type(column), _key(column), "yes" if column.nullable else ""


def _type(column: Column[object]) -> str:
    known = next((name for kind, name in _TYPES.items() if isinstance(column.type, kind)), None)
    return known or column.type.python_type.__name__


def _key(column: Column[object]) -> str:
    parts = ["primary"] if column.primary_key else []
    parts += [code(key.target_fullname) for key in sorted(column.foreign_keys, key=lambda key: key.target_fullname)]
    return ", ".join(parts)


def _first_sentence(text: str) -> str:
    return text.splitlines()[0].rstrip(".")
