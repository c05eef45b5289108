"""The JSON Schema of the files, for editors that complete and check while one types."""

from collections.abc import Mapping

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaValue

from desk.accounts.files import FILES
from desk.accounts.loading import ACCOUNTS_FILE, POLICY_FILE
from desk.accounts.spec import AccountsFile, PolicyFile
from desk.plugin import Plugin
from desk.registry import risk_rules, sizings, strategies

# The validation library leaves its own names where a limit follows a validator.
_LIMITS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def schema() -> dict[str, JsonSchemaValue]:
    """Return the JSON Schema (2020-12) of each file, by file name, with the plug-ins that are there now."""
    accounts, policies = _schema_of(AccountsFile), _schema_of(PolicyFile)
    # What an account leaves out may stand in the defaults, which have the same keys.
    accounts["$defs"]["AccountEntry"].pop("required")
    accounts["properties"]["defaults"] = {"$ref": "#/$defs/AccountEntry"}
    _name_plugins(accounts["$defs"]["StrategySpec"], strategies().discover())
    accounts["$defs"] |= _nested(strategies().discover())
    # What a policy leaves out may stand in the defaults, or in the policy that it extends.
    policies["$defs"]["PolicySpec"].pop("required")
    policies["properties"]["defaults"] = {"$ref": "#/$defs/PolicySpec"}
    _name_plugins(policies["$defs"]["SizingSpec"], sizings().discover())
    _name_plugins(policies["$defs"]["RuleSpec"], risk_rules().discover())
    policies["$defs"] |= _nested(risk_rules().discover())
    others = {file: _schema_of(spec) for file, spec in FILES.items()}
    return {**others, ACCOUNTS_FILE: accounts, POLICY_FILE: policies}


def _schema_of(file: type[BaseModel]) -> JsonSchemaValue:
    standard = {key: _with_limits(value) for key, value in file.model_json_schema().items()}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **standard}


def _with_limits(value: object) -> object:
    if isinstance(value, dict):
        return {_LIMITS.get(key, key): _with_limits(item) for key, item in value.items()}
    return [_with_limits(item) for item in value] if isinstance(value, list) else value


def _name_plugins(spec: JsonSchemaValue, plugins: Mapping[str, type[Plugin]]) -> None:
    """Let the name of a plug-in decide which parameters it may have."""
    spec["properties"]["name"]["enum"] = list(plugins)
    spec["allOf"] = [
        {"if": {"properties": {"name": {"const": name}}}, "then": _parameters(spec, plugin)}
        for name, plugin in plugins.items()
    ]


def _nested(plugins: Mapping[str, type[Plugin]]) -> JsonSchemaValue:
    """What the parameters of plug-ins refer to; a reference is counted from the top of the whole schema."""
    found = (plugin.model_json_schema().get("$defs", {}) for plugin in plugins.values())
    return {name: definition for definitions in found for name, definition in definitions.items()}


def _parameters(spec: JsonSchemaValue, plugin: type[Plugin]) -> JsonSchemaValue:
    parameters = _with_short_durations(plugin.model_json_schema())
    parameters.pop("$defs", None)
    if "parameters" in spec["properties"]:
        return {"properties": {"parameters": parameters}}
    properties = parameters["properties"]
    return {"properties": properties, "propertyNames": {"enum": ["name", *properties]}}


def _with_short_durations(parameters: JsonSchemaValue) -> JsonSchemaValue:
    """Durations are read from `15m` too, which the format of the plug-in's own schema excludes."""
    short = {"type": ["string", "number"], "examples": ["30s", "5m", "1h30m", "PT5M"]}
    properties = {
        name: {**field, **short, "format": "any"} if field.get("format") == "duration" else field
        for name, field in parameters["properties"].items()
    }
    return {**parameters, "properties": properties}
