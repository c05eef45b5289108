"""Finds what a model says of a place inside it, given as the validation library gives it."""

from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from desk.accounts.base import Spec

KEY = "[key]"
"""Stands in a location for the key of a mapping, after the key itself."""

VARIANT_KEY = "kind"
"""The key whose value chooses between the variants of a section."""


def expectation(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """Return what the description of a place says before its colon; nothing for plug-ins, whose form is their own."""
    return _place(model, location)[1].partition(": ")[0] if issubclass(model, Spec) else ""


def model_at(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel] | None:
    """Return the model that a place holds, or None."""
    kind = _place(model, location)[0]
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _place(model: type[BaseModel], location: tuple[int | str, ...]) -> tuple[object, str]:
    """The type and the description of what is at a location inside a model."""
    kind: object = model
    description = ""
    for part in (*location[:-2], KEY) if location[-1:] == (KEY,) else location:
        kind, described = _inside(kind, part)
        description = described or description
    return kind, description


def _inside(kind: object, part: int | str) -> tuple[object, str]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = kind.model_fields.get(str(part))
        return _bare(field.annotation) if field else None, _description(field)
    if get_origin(kind) in (Union, UnionType):
        return next((option for option in get_args(kind) if _tag(option) == part), None), ""
    arguments = [argument for argument in get_args(kind) if argument is not Ellipsis]
    if not arguments:
        return None, ""
    argument = arguments[0] if part == KEY else arguments[-1]
    return _bare(argument), _described(argument)


def _bare(annotation: object) -> object:
    """The annotation without its metadata and without None."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        options = [option for option in get_args(annotation) if option is not NoneType]
        return _bare(options[0]) if len(options) == 1 else annotation
    return annotation


def _described(annotation: object) -> str:
    fields = (extra for extra in get_args(annotation)[1:] if isinstance(extra, FieldInfo))
    return next((text for field in fields if (text := _description(field))), "")


def _description(field: FieldInfo | None) -> str:
    return (field.description or "") if field else ""


def _tag(option: object) -> object:
    field = option.model_fields.get(VARIANT_KEY) if isinstance(option, type) and issubclass(option, BaseModel) else None
    return get_args(field.annotation)[0] if field and get_origin(field.annotation) is Literal else None
