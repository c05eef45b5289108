"""Passwords: hashed with Argon2, and compared so that a wrong name takes as long as a wrong password."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
"""Characters that a password needs: few enough guesses are let through for that to be enough."""


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password, with its salt and costs."""
    return PasswordHasher().hash(password)


async def is_password(password: str, hashed: str | None) -> bool:
    """Return whether a password has this hash; without one it takes as long, and it has not."""
    is_same = await asyncio.to_thread(_matches, password, hashed or _hash_of_nobody())
    return is_same and hashed is not None


def _matches(password: str, hashed: str) -> bool:
    try:
        return PasswordHasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hash_of_nobody() -> str:
    return hash_password("the password of nobody")
