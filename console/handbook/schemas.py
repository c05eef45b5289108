"""The JSON Schemas of the configuration files, for editors."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import PurePath

import orjson

from desk.accounts.files import FILES
from desk.accounts.schema import schema

_schemas = cache(schema)


def _render(file: str) -> str:
    return orjson.dumps(_schemas()[file], option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


SCHEMAS: Mapping[str, Callable[[], str]] = {
    f"docs/reference/schemas/{PurePath(file).stem}.json": partial(_render, file) for file in FILES
}
"""The function that renders each schema, by its path from the root of the checkout."""
