"""A request at KuCoin and what is asked in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.requests import Request

from simulator.dialects.kucoin_common.errors import wrong


@dataclass(frozen=True, slots=True)
class Call:
    """A request, with its body as it came.

    Attributes:
        sent: what the JSON body holds; None without one.
    """

    request: Request
    body: bytes
    sent: Any  # what a client sends has no type before the dialect has read it

    def get(self, name: str) -> str:
        """Return a parameter of path or query, empty where it was not sent."""
        found = self.request.path_params.get(name, self.request.query_params.get(name, ""))
        return str(found)

    def whole(self, name: str) -> int | None:
        """Return a whole number of the query, None where it was not sent."""
        value = self.get(name)
        if value and not value.isdecimal():
            raise wrong("400100", f"{name} is invalid")
        return int(value) if value else None

    def form(self) -> "Form":
        """Return the body as one object."""
        if not isinstance(self.sent, dict):
            raise wrong("400100", "the request body is invalid")
        return Form(self.sent)


class Form:
    """An object of a body, read field by field.

    Args:
        code: for what is wrong with a field.
    """

    def __init__(self, fields: Mapping[str, Any], code: str = "400100") -> None:
        self.fields = fields
        self._code = code

    def has(self, name: str) -> bool:
        """Whether a field was sent; null and an empty text are not."""
        return self.fields.get(name) not in (None, "")

    def text(self, name: str, *, default: str = "") -> str:
        """Return a field as text."""
        return str(self.fields[name]) if self.has(name) else default

    def chosen(self, name: str, allowed: tuple[str, ...], *, default: str = "") -> str:
        """Return a field that has to be one of some words."""
        value = self.text(name, default=default)
        if value not in allowed:
            raise self.invalid(name)
        return value

    def flag(self, name: str) -> bool:
        """Return a field that is true or not."""
        return self.fields.get(name) in (True, "true")

    def number(self, name: str) -> Decimal:
        """Return a number above 0 that was sent as text or as a number."""
        try:
            value = Decimal(self.text(name))
        except InvalidOperation as error:
            raise self.invalid(name) from error
        if not value.is_finite() or value <= 0:
            raise self.invalid(name)
        return value

    def invalid(self, name: str) -> Exception:
        """Return the refusal of a field."""
        return wrong(self._code, f"{name} is invalid")


async def read_call(request: Request) -> Call:
    """Return a request with its body."""
    body = await request.body()
    if not body:
        return Call(request, body, None)
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise wrong("415000")
    try:
        return Call(request, body, json.loads(body, parse_float=Decimal))
    except ValueError as error:
        raise wrong("400100", "the request body is invalid") from error
