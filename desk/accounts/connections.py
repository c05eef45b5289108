"""What the operator writes about how a venue is reached: where, with which keys, how often."""

import re
from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated, Literal, Self, TypeAlias
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator, Field, model_validator

from desk.accounts.base import Spec
from desk.accounts.values import BasisPoints, Whole, unusable

_VARIABLE = "the name of an environment variable, such as OANDA_TOKEN"
_VARIABLE_NAME = re.compile("[A-Z][A-Z0-9_]{0,63}")
_SIMULATOR_URL = "http://127.0.0.1:8701"


def _variable_name(value: object) -> object:
    # What stands here by mistake may be the secret itself, and must not be repeated.
    if isinstance(value, str) and _VARIABLE_NAME.fullmatch(value):
        return value
    raise unusable(_VARIABLE, found="something else", hint="; the value itself belongs into the environment or .env")


def _url(value: object) -> object:
    # Real venues answer to https alone, so that a simulator's address cannot be one of theirs.
    if isinstance(value, str) and value.startswith("http://") and _is_near(urlsplit(value)):
        return value.rstrip("/")
    raise unusable(f"an address of this machine or network such as {_SIMULATOR_URL}, as `desk simulate` prints it")


def _is_near(url: SplitResult) -> bool:
    """Whether no name or number of the internet is meant, and no password stands there."""
    host = url.hostname or ""
    if not host or "@" in url.netloc:
        return False
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host


Variable = Annotated[str, BeforeValidator(_variable_name)]
Url = Annotated[str, BeforeValidator(_url)]
_CALLS = Annotated[Whole, Field(gt=0, le=10**9)]


class Budget(Spec):
    """How many calls all accounts of a connection may make together."""

    per_second: _CALLS | None = Field(None, description="a whole number above 0: calls in a second")
    per_hour: _CALLS | None = Field(None, description="a whole number above 0: calls in an hour")
    per_day: _CALLS | None = Field(None, description="a whole number above 0: calls in a day")


class _Reached(Spec):
    """What every connection says."""

    environment: str
    url: Url | None = Field(
        None, description=f"an address such as {_SIMULATOR_URL}: where the simulator is; for no other environment"
    )
    stream: bool = Field(default=False, description="true or false: whether prices are streamed; REST works either way")
    taker_fee_bps: BasisPoints | None = Field(
        None,
        description="basis points from 0 to 1000: fee of an order that is filled at once, in the tier of this key; "
        "nothing for the venue's paper terms",
    )
    budget: Budget | None = Field(
        None, description="a mapping with per_second, per_hour, per_day: what differs from the venue's usual limits"
    )

    @property
    def world(self) -> tuple[object, ...]:
        """What tells one market from another: prices of one are not met in another."""
        told = self.model_dump(include={"kind", "exchange", "environment", "market", "url"})
        return tuple(sorted(told.items(), key=str))

    @model_validator(mode="after")
    def _has_the_simulators_address(self) -> Self:
        if (self.environment == "simulator") is not (self.url is not None):
            found = f"environment {self.environment} {'with' if self.url else 'without'} one"
            raise unusable("a url for the environment simulator, and for no other", found=found)
        return self


class OandaSecrets(Spec):
    """The variables that hold the keys to OANDA."""

    token: Variable = Field(description=f"{_VARIABLE}: it holds the personal access token")


class CoinbaseSecrets(Spec):
    """The variables that hold the keys to Coinbase."""

    key: Variable = Field(description=f"{_VARIABLE}: it holds the key's name, or a legacy key")
    secret: Variable = Field(description=f"{_VARIABLE}: it holds the private key, or a legacy secret")


class KucoinSecrets(Spec):
    """The variables that hold the keys to KuCoin."""

    key: Variable = Field(description=f"{_VARIABLE}: it holds the key")
    secret: Variable = Field(description=f"{_VARIABLE}: it holds the secret")
    passphrase: Variable = Field(description=f"{_VARIABLE}: it holds the passphrase that the key was made with")


class AsterSecrets(Spec):
    """The variables that hold the keys to Aster: of a wallet, or of an older key."""

    private_key: Variable | None = Field(None, description=f"{_VARIABLE}: it holds the signing wallet's private key")
    api_key: Variable | None = Field(None, description=f"{_VARIABLE}: it holds an older key")
    api_secret: Variable | None = Field(None, description=f"{_VARIABLE}: it holds the secret of an older key")

    @model_validator(mode="after")
    def _is_one_of_the_two(self) -> Self:
        of_key = (self.api_key is None, self.api_secret is None)
        if of_key not in ((True, True), (False, False)) or (self.private_key is None) is of_key[0]:
            raise unusable("either private_key, or api_key and api_secret", found="another choice of them")
        return self


class CcxtSecrets(Spec):
    """The variables that hold the parts of a key to any other exchange, as many as that exchange has."""

    api_key: Variable | None = Field(None, description=f"{_VARIABLE}: it holds the key")
    secret: Variable | None = Field(None, description=f"{_VARIABLE}: it holds the secret")
    password: Variable | None = Field(None, description=f"{_VARIABLE}: it holds the password or passphrase")
    uid: Variable | None = Field(None, description=f"{_VARIABLE}: it holds the user's id")
    private_key: Variable | None = Field(None, description=f"{_VARIABLE}: it holds a wallet's private key")
    wallet_address: Variable | None = Field(None, description=f"{_VARIABLE}: it holds a wallet's address")


class OandaConnection(_Reached):
    """OANDA v20 under one token."""

    kind: Literal["oanda"] = Field(description="oanda: OANDA v20")
    environment: Literal["practice", "live", "simulator"] = Field(
        description="practice, live or simulator: which of the venue's worlds"
    )
    secrets: OandaSecrets = Field(description="a mapping with token: the variable that holds it")
    collar_bps: BasisPoints = Field(
        Decimal(50), description="basis points from 0 to 1000: how far from its quote a market order may be filled"
    )
    account_id: str = Field(
        pattern=r"^[0-9]{3}-[0-9]{3}-[0-9]+-[0-9]{3}$",
        description="an account id such as 101-001-1234567-001, in quotes: whose prices are read, and the account of "
        "whoever names no other",
    )


class CoinbaseConnection(_Reached):
    """Coinbase Advanced Trade under one key, which sees one portfolio."""

    kind: Literal["coinbase"] = Field(description="coinbase: Coinbase Advanced Trade")
    environment: Literal["live", "simulator"] = Field(description="live or simulator: which of the venue's worlds")
    secrets: CoinbaseSecrets = Field(description="a mapping with key and secret: the variables that hold them")
    key_kind: Literal["cdp", "legacy"] = Field("cdp", description="cdp or legacy: the generation of the key")
    read_only: bool = Field(default=False, description="true or false: whether nothing is sent that changes anything")


class KucoinConnection(_Reached):
    """One of KuCoin's two markets under one key."""

    kind: Literal["kucoin"] = Field(description="kucoin: KuCoin")
    environment: Literal["live", "simulator"] = Field(description="live or simulator: which of the venue's worlds")
    market: Literal["spot", "futures"] = Field("spot", description="spot or futures: which of the venue's markets")
    secrets: KucoinSecrets = Field(
        description="a mapping with key, secret and passphrase: the variables that hold them"
    )
    key_version: Literal[2, 3] = Field(3, description="2 or 3: the generation of the key; new ones are 3")


class AsterConnection(_Reached):
    """Aster futures under one wallet or key."""

    kind: Literal["aster"] = Field(description="aster: Aster futures")
    environment: Literal["practice", "live", "simulator"] = Field(
        description="practice, live or simulator: which of the venue's worlds"
    )
    secrets: AsterSecrets = Field(
        description="a mapping with private_key, or with api_key and api_secret: the variables that hold them"
    )
    user: Annotated[str, Field(pattern="^(0x[0-9a-fA-F]{40})?$")] = Field(
        "", description="an address such as 0x…, in quotes: the account's wallet, where another one signs for it"
    )


class CcxtConnection(_Reached):
    """Any other exchange, through the ccxt library."""

    stream: Literal[False] = Field(default=False, description="false: there are no streams through ccxt")
    kind: Literal["ccxt"] = Field(description="ccxt: any other exchange, with the extra of that name installed")
    environment: Literal["practice", "live", "simulator"] = Field(
        description="practice, live or simulator: which of the exchange's worlds"
    )
    exchange: Annotated[str, Field(pattern="^[a-z0-9]+$")] = Field(
        description="an exchange in ccxt's spelling, such as kraken: which one"
    )
    secrets: CcxtSecrets = Field(
        description="a mapping of the parts of the key, such as api_key and secret: the variables that hold them"
    )


ConnectionSpec: TypeAlias = OandaConnection | CoinbaseConnection | KucoinConnection | AsterConnection | CcxtConnection
Connection = Annotated[
    ConnectionSpec,
    Field(discriminator="kind", description="a connection of kind oanda, coinbase, kucoin, aster or ccxt"),
]
