"""The base of everything that is read from a configuration file."""

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """A frozen part of the configuration. A field's description says what is expected of it, in messages too."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
