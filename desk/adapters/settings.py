"""The installation's settings, from the environment and `.env`."""

import os
import sys
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from desk.errors import ConfigError


class Settings(BaseSettings):
    """Where the installation keeps its things; each field is an environment variable with the prefix `DESK_`."""

    model_config = SettingsConfigDict(env_prefix="DESK_", extra="ignore", frozen=True)

    home: Path = Field(Path("var"), description="Folder of the database, the Prefect server's data, results and logs.")
    config: Path = Field(Path("config"), description="Folder of accounts.yaml and policy.yaml.")
    strategies: Path | None = Field(
        None, description="Folder of strategies of your own, one file each, beside those that the desk brings."
    )
    data: Path | None = Field(
        None, description="Folder of recorded candles, one file each; by default `data` in the home folder."
    )
    database_url: SecretStr | None = Field(
        None, description="The ledger, `sqlite:///…` or `postgresql://…`; by default `desk.db` in the home folder."
    )
    notify_urls: tuple[SecretStr, ...] = Field(
        (),
        description='Where messages go, as Apprise addresses in a JSON list; without any, to the log: `["tgram://…"]`.',
    )
    ping_url: SecretStr | None = Field(
        None,
        description="An address that is asked for every minute in which no scan is missing, so that somebody else "
        "notices when the desk falls silent; by default none.",
    )
    escalate_urls: tuple[SecretStr, ...] = Field(
        (), description="Where a failure that goes on is told besides, written like `DESK_NOTIFY_URLS`."
    )
    telegram_token: SecretStr | None = Field(
        None, description="The token of the fleet's Telegram bot; who may talk to it is in messages.yaml."
    )
    telegram_api: str = Field(
        "https://api.telegram.org", description="Where the Bot API is, for those who run a server of their own."
    )
    halt: str = Field(
        "", description="A reason to halt: with any text here no process that starts opens a position, in any account."
    )

    allow_live: Literal["yes", "no"] = Field(
        "no",
        description="`yes` lets armed accounts on connections of environment `live` open positions: with real money.",
    )
    api_calls_per_minute: int = Field(
        3000,
        ge=2,
        description="How often each token and each browser's session may call `desk serve` in a minute, half of it at "
        "once; who calls more often is answered 429 and told when to call again.",
    )
    api_strangers_per_minute: int = Field(
        240,
        ge=2,
        description="How often `desk serve` answers an address in a minute that brings no token or session, or a wrong "
        "one, half of it at once.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is written to the files in `logs`: this and what is graver."
    )
    log_megabytes: int = Field(10, ge=1, description="How large a log file grows before the next one is begun.")
    log_files: int = Field(5, ge=1, le=100, description="How many files of each log are kept.")
    secret_manager_project: str = Field(
        "",
        description="Id of the Google Cloud project whose Secret Manager is asked first for the keys of connections, "
        "each under the name of its variable; it takes the extra `google`.",
    )
    secret_manager_endpoint: str = Field(
        "",
        description="Where Secret Manager answers, where that is not Google's usual place: a regional one, or the "
        "address of a stand-in, `http://127.0.0.1:8080`, which is asked without credentials.",
    )
    credential_defaults: Path | None = Field(
        None,
        description="A file in the form of `.env` that a deployment brings along; keys that are nowhere else are taken "
        "from there.",
    )
    backtest_engine: Literal["auto", "compiled", "numpy", "python"] = Field(
        "auto",
        description="What runs simulations: `compiled` needs the extra `fast`, `numpy` and `python` do not; figures "
        "are the same. `auto` takes the fastest that is installed.",
    )

    @property
    def allows_live(self) -> bool:
        """Whether positions may be opened with real money by this process."""
        return self.allow_live == "yes"

    @field_validator("strategies", "data", "credential_defaults", "telegram_token", mode="before")
    @classmethod
    def _none_for_nothing(cls, value: object) -> object:
        # Nothing after the equals sign would be the folder in which the desk is started, or a token.
        return value or None

    @property
    def ledger_url(self) -> str:
        """The ledger's address; it may hold a password, so it is never logged."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / 'desk.db'}"

    @property
    def data_folder(self) -> Path:
        """Where recorded candles are."""
        return self.data or self.home / "data"

    @property
    def backtests(self) -> Path:
        """Where backtests are kept, a folder each."""
        return self.home / "backtests"

    @property
    def results(self) -> Path:
        """Where finished tasks leave their results for a retry of their flow run."""
        return self.home / "results"


@cache
def settings() -> Settings:
    """Return the settings of this process, read once; from then on the operator's own strategies are found.

    Raises:
        ConfigError: a variable cannot be understood; the message names it, and not its value, which may be secret.
    """
    found = _read()
    _look_for_strategies(found)
    return found


def _look_for_strategies(found: Settings) -> None:
    # numpy comes with it, and a kill switch must not wait for that. One that is not loaded looks nowhere else yet.
    if found.strategies or "desk.registry" in sys.modules:
        from desk.registry import strategies

        strategies().look_in(*([found.strategies] if found.strategies else []))


def _read() -> Settings:
    try:
        return Settings(_env_file=env_file())
    except SettingsError as error:
        raise ConfigError(
            f"environment or .env: expected JSON, found another text ({error}); see .env.example"
        ) from None
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        problems = (f"DESK_{str(problem['loc'][0]).upper()}: {problem['msg']}" for problem in found)
        raise ConfigError(f"environment or .env: {'; '.join(problems)}; see .env.example") from None


def env_file() -> Path:
    """Return where `.env` is: here, unless a process that was started elsewhere is told by `DESK_ENV_FILE`."""
    return Path(os.environ.get("DESK_ENV_FILE") or ".env")
