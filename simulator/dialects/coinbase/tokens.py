"""Reads the JSON web tokens of CDP keys and checks who signed them."""

import base64
import json
from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pydantic import BaseModel, ConfigDict

from simulator.dialects.coinbase.keys import PublicKey

_NUMBER_BYTES = 32


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Header(_Part):
    """What a token says of itself."""

    alg: Literal["ES256", "EdDSA"]
    kid: str


class Claims(_Part):
    """What a token says.

    Attributes:
        nbf, exp: seconds since the epoch.
        uri, uris: the one request that it is for; the plural form is that of newer keys.
    """

    sub: str
    nbf: int
    exp: int
    uri: str = ""
    uris: tuple[str, ...] = ()

    @property
    def requests(self) -> tuple[str, ...]:
        """The requests that the token is for; none for a stream."""
        return (*((self.uri,) if self.uri else ()), *self.uris)


@dataclass(frozen=True, slots=True)
class Token:
    """A token in its parts."""

    header: Header
    claims: Claims
    signed: bytes
    signature: bytes

    def is_signed_by(self, key: PublicKey) -> bool:
        """Whether the owner of a key has signed."""
        if self.header.alg != ("ES256" if isinstance(key, ec.EllipticCurvePublicKey) else "EdDSA"):
            return False
        try:
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(_in_der(self.signature), self.signed, ec.ECDSA(hashes.SHA256()))
            else:
                key.verify(self.signature, self.signed)
        except InvalidSignature:
            return False
        return True


def read_token(text: str) -> Token:
    """Return a token that nothing is known of yet.

    Raises:
        ValueError: it is none.
    """
    head, claims, signature = text.split(".")
    return Token(
        Header.model_validate(json.loads(_decoded(head))),
        Claims.model_validate(json.loads(_decoded(claims))),
        f"{head}.{claims}".encode(),
        _decoded(signature),
    )


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _in_der(signature: bytes) -> bytes:
    """A token has the two numbers side by side."""
    first, second = signature[:_NUMBER_BYTES], signature[_NUMBER_BYTES:]
    return encode_dss_signature(int.from_bytes(first, "big"), int.from_bytes(second, "big"))
