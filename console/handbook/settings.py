"""The page of an installation's settings, from the model that reads them."""

from pydantic.fields import FieldInfo

from console.handbook.markdown import code, page, table
from desk.adapters.settings import Settings

_INTRODUCTION = """\
Settings say where an installation keeps its things; what is traded stands in the
[configuration files](configuration.md). Each setting is an environment variable, or a line of the file `.env` in the
folder in which `desk` is started. The environment wins. The options `--home`, `--config` and `--database` of `desk`
win over both.

Settings of the Prefect server and its workers are in `prefect.toml`; `desk up` gives the same to what it starts.
"""


def render_settings() -> str:
    """Return the page."""
    prefix = str(Settings.model_config["env_prefix"])
    rows = [_row(f"{prefix}{name.upper()}", field) for name, field in Settings.model_fields.items()]
    return page("Settings", _INTRODUCTION, [table(("Variable", "Meaning", "Default"), rows)])


def _row(variable: str, field: FieldInfo) -> tuple[str, str, str]:
    default = "" if field.default in (None, ()) else code(field.default)
    return code(variable), field.description or "", default
