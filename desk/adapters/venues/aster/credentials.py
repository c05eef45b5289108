"""What opens an account at Aster: a key of the first API, or a wallet of the third."""

from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class HmacCredentials(BaseModel):
    """A key of the first API; the venue has given out none since 25 March 2026, older ones work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_key: SecretStr
    api_secret: SecretStr


class WalletCredentials(BaseModel):
    """A wallet that was approved to sign for an account ("API wallet", "agent").

    Attributes:
        private_key: of the signing wallet, 32 bytes in hexadecimal.
        user: the address of the account's own wallet; empty where that wallet itself signs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    private_key: SecretStr
    user: str = Field(default="", pattern=r"^(0x[0-9a-fA-F]{40})?$")


AsterCredentials: TypeAlias = HmacCredentials | WalletCredentials
