"""Checks an entry against a model and says of every error what was expected and what was found, at its line."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from desk.accounts.describing import KEY, VARIANT_KEY, expectation, model_at
from desk.accounts.entry import Entry
from desk.accounts.problems import Problem, suggestion
from desk.accounts.secrecy import SOMETHING_ELSE, may_be_secret_key
from desk.accounts.values import DURATION

M = TypeVar("M", bound=BaseModel)

_LIBRARY_OPENING = "Input should be "


def check(model: type[M], entry: Entry) -> tuple[M | None, list[Problem]]:
    """Return what the entry holds, or None and every problem that it has."""
    return check_value(model, entry.plain(), entry)


def check_value(model: type[M], value: object, entry: Entry) -> tuple[M | None, list[Problem]]:
    """Do the same with a value that was made from the entry."""
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        details = error.errors()
        return None, [_problem(model, entry, detail) for detail in details if not _is_echo(detail, details)]


def _is_echo(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Whether a list counts as too short only because an item of it is wrong."""
    location = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(location) and other["loc"][: len(location)] == location for other in details
    )


def _problem(model: type[BaseModel], entry: Entry, detail: ErrorDetails) -> Problem:
    location, kind = detail["loc"], detail["type"]
    place = _nearest(entry, location)
    if kind == "missing":
        return place.problem(
            f"expected {expectation(model, location) or 'a value'}, found nothing", below=str(location[-1])
        )
    if kind == "union_tag_not_found":
        return place.problem(f"expected {expectation(model, location)}, found no kind", below=VARIANT_KEY)
    if kind == "union_tag_invalid":
        place = place.child(VARIANT_KEY) or place
    if kind == "extra_forbidden":
        owner = model_at(model, location[:-1])
        name, above = str(location[-1]), _nearest(entry, location[:-1])
        hint = suggestion(name, owner.model_fields if owner else ())
        if may_be_secret_key(above.path, name):
            return replace(place, path=above.path).problem(f"expected a known key, found {SOMETHING_ELSE}{hint}")
        return place.problem(f"expected a known key, found '{name}'{hint}")
    if location[-1:] == (KEY,):
        name, above = str(location[-2]), _nearest(entry, location[:-2])
        shown = replace(place, path=above.path) if may_be_secret_key(above.path, name) else place
        return shown.problem(_message(model, detail, replace(shown, value=name, text=name)))
    return place.problem(_message(model, detail, place))


def _message(model: type[BaseModel], detail: ErrorDetails, entry: Entry) -> str:
    context, location, found = detail.get("ctx", {}), detail["loc"], entry.found
    if detail["type"] == "unusable":
        return f"expected {context['expected']}, found {context['found'] or found}{context['hint']}"
    owner = model_at(model, location)
    if detail["type"] == "model_type" and owner is not None:
        return f"expected a mapping with the keys {', '.join(owner.model_fields)}, found {found}"
    expected = expectation(model, location)
    if not expected:
        return _from_library(detail, found)
    return f"expected {expected}, found {found}{_hint(detail, context, entry)}"


def _hint(detail: ErrorDetails, context: Mapping[str, object], entry: Entry) -> str:
    if detail["type"] == "string_type" and isinstance(entry.value, int | Decimal):
        text = "it" if entry.may_be_secret else f"'{entry.text}'"
        return f"; if it is meant as text, write {text} in quotes"
    if detail["type"] in ("enum", "union_tag_invalid") and isinstance(entry.value, str):
        options = str(context.get("expected") or context.get("expected_tags", "")).replace(" or ", ", ")
        return suggestion(entry.value, [option.strip("' ") for option in options.split(",")])
    return ""


def _from_library(detail: ErrorDetails, found: str) -> str:
    """The words of a model that describes its fields in another way, a plug-in's."""
    if detail["type"].startswith("time_delta"):
        return f"expected {DURATION}, found {found}"
    if detail["type"] == "decimal_type":
        return f"expected a number, found {found}"
    message = detail["msg"].removeprefix("Value error, ").partition(", unable")[0]
    if not message.startswith(_LIBRARY_OPENING):
        # A rule about several keys at once, in the plug-in's own words.
        return message
    expected = message.removeprefix(_LIBRARY_OPENING)
    return f"expected {'a number ' if expected.startswith(('greater', 'less')) else ''}{expected}, found {found}"


def _nearest(entry: Entry, location: tuple[int | str, ...]) -> Entry:
    """The entry at the location, passing over what is not in the file: the name of a variant, a missing key."""
    for part in location:
        entry = entry.child(part) or entry
    return entry
