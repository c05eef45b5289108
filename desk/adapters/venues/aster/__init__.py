"""Aster's perpetual futures: both generations of its API (keys with HMAC, wallets with typed data) behind the ports."""
