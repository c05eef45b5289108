"""What every plug-in must keep, whatever its kind: name, documentation, parameters with ranges, frozen.

Each check raises AssertionError with a sentence that says what is wrong and what to do.
"""

from enum import Enum
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import annotated_types
from pydantic import AfterValidator, ValidationError
from pydantic.fields import FieldInfo

from desk.plugin import Plugin

_FEWEST_WORDS = 12


def check_plugin(plugin: type[Plugin], name: str) -> None:
    """Name, documentation, parameters and schema."""
    assert plugin.name == name, f"{plugin.__name__}: expected the name of its file, {name}, found {plugin.name!r}"
    expected = class_name(name)
    assert plugin.__name__ == expected, f"{name}.py: expected a class {expected}, found {plugin.__name__}"
    own_documentation = vars(plugin).get("__doc__") or ""
    explained = len(own_documentation.split()) >= _FEWEST_WORDS
    assert explained, f"{name}: the class needs a docstring that says what it does and why"
    assert plugin.summary().endswith("."), f"{name}: the first line of the docstring must be one whole sentence"
    for parameter, field in plugin.model_fields.items():
        _check_parameter(f"{name}.{parameter}", field)
    assert set(plugin.model_json_schema()["properties"]) == set(plugin.model_fields)
    _check_frozen(plugin())


def class_name(name: str) -> str:
    """Return how the class in a plug-in's file is called."""
    return "".join(part.capitalize() for part in name.split("_"))


def bounds(field: FieldInfo) -> tuple[Any, Any]:
    """The lowest and the highest value that a parameter declares, for a list its lengths; None where there is none."""
    low = high = None
    for limit in field.metadata:
        if isinstance(limit, annotated_types.Ge | annotated_types.Gt):
            low = limit.ge if isinstance(limit, annotated_types.Ge) else limit.gt
        if isinstance(limit, annotated_types.Le | annotated_types.Lt):
            high = limit.le if isinstance(limit, annotated_types.Le) else limit.lt
        if isinstance(limit, annotated_types.MinLen):
            low = limit.min_length
        if isinstance(limit, annotated_types.MaxLen):
            high = limit.max_length
    return low, high


def _check_parameter(parameter: str, field: FieldInfo) -> None:
    assert field.description, f"{parameter}: a parameter needs a description"
    assert field.description.endswith("."), f"{parameter}: the description must be a sentence"
    assert not field.is_required(), f"{parameter}: a parameter needs a default"
    limits = bounds(field)
    is_limited = None not in limits or _is_a_choice(field)
    assert is_limited, f"{parameter}: a parameter needs a lowest and a highest value, found {limits}"


def _is_a_choice(field: FieldInfo) -> bool:
    """Whether a parameter is true or false, one of a few names, or a text that a validator of its own reads."""
    kind = _without_none(field.annotation)
    if kind is bool or (isinstance(kind, type) and issubclass(kind, Enum)):
        return True
    return get_origin(kind) is Annotated or any(isinstance(limit, AfterValidator) for limit in field.metadata)


def _without_none(annotation: object) -> object:
    options = get_args(annotation)
    return next(option for option in options if option is not NoneType) if NoneType in options else annotation


def _check_frozen(instance: Plugin) -> None:
    for parameter in type(instance).model_fields:
        is_set = _can_be_set(instance, parameter)
        assert not is_set, f"{instance.name}.{parameter}: expected it to be frozen, found that it can be set"


def _can_be_set(instance: Plugin, parameter: str) -> bool:
    try:
        setattr(instance, parameter, getattr(instance, parameter))
    except ValidationError:
        return False
    return True
