"""Reads what is asked after the question mark."""

from starlette.requests import Request

from simulator.dialects.coinbase.rules import invalid


def several(request: Request, *names: str) -> frozenset[str]:
    """Return every value of a repeated parameter, under any of its names; values may be joined by commas too."""
    values = (value for name in names for value in request.query_params.getlist(name))
    return frozenset(part for value in values for part in value.split(",") if part)


def whole(request: Request, name: str) -> int | None:
    """Return a whole number, None where it was not sent."""
    value = request.query_params.get(name, "")
    if value and not value.isdecimal():
        raise invalid(f"{name} is not a whole number")
    return int(value) if value else None


def limit_in(request: Request, usual: int, longest: int) -> int:
    """Return how many rows are wanted."""
    return min(whole(request, "limit") or usual, longest)
