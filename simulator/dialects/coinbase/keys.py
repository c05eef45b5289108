"""The made-up keys of the account that is always there, worked out from numbers, and how a key is read."""

import base64
import hashlib
from functools import lru_cache
from typing import TypeAlias

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

PublicKey: TypeAlias = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

_KEPT = 64
_SEED_BYTES = 32
_NAME = "organizations/simulator/apiKeys"


def made_up_keys() -> dict[str, str]:
    """Return a key of each kind and its secret; the same ones always."""
    return {
        "es256_key": f"{_NAME}/es256",
        "es256_secret": _on_p256(1),
        "ed25519_key": f"{_NAME}/ed25519",
        "ed25519_secret": _ed25519(2),
        "legacy_key": "simulator-coinbase-key",
        "legacy_secret": "simulator-coinbase-secret",
    }


@lru_cache(_KEPT)
def public_half(secret: str) -> PublicKey:
    """Return what checks the signatures of a secret, a PEM or the base64 text of an Ed25519 key.

    Raises:
        ValueError: it is neither.
    """
    text = secret.replace("\\n", "\n").strip()
    if not text.startswith("-----BEGIN"):
        seed = base64.b64decode(text, validate=True)[:_SEED_BYTES]
        return ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
    key = serialization.load_pem_private_key(text.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise ValueError(f"expected a key on P-256 or Ed25519, found {type(key).__name__}")
    return key.public_key()


def _on_p256(number: int) -> str:
    key = ec.derive_private_key(_scalar(number), ec.SECP256R1())
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode().strip()


def _ed25519(number: int) -> str:
    """As the venue hands it out: the private half and the public half."""
    seed = _scalar(number).to_bytes(_SEED_BYTES, "big")
    public = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return base64.b64encode(seed + public).decode()


def _scalar(number: int) -> int:
    """Below the order of P-256, because the first bit is 0."""
    return int.from_bytes(hashlib.sha256(f"simulator {number}".encode()).digest(), "big") >> 1
