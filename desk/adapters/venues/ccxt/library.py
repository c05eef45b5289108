"""Opens an exchange of ccxt: numbers as texts, no retries of its own, no fee for its makers, at most at a simulator."""

import importlib
import re
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import SecretStr

from desk.errors import ConfigError

Exchange: TypeAlias = Any  # ccxt makes its methods while it runs
Environment: TypeAlias = Literal["live", "practice", "simulator"]

SECRETS = frozenset({"apiKey", "secret", "password", "uid", "privateKey", "walletAddress", "token"})
"""What ccxt calls the parts of a key."""

_FLAG = re.compile(r"=(True|False)\b")
# Some exchanges of ccxt pay its makers out of each order unless they are told not to.
_OPTIONS = {"builderFee": False, "maxRetriesOnFailure": 0}


def load_ccxt() -> ModuleType:
    """Return the library.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        return importlib.import_module("ccxt.async_support")
    except ImportError as error:
        raise ConfigError("expected ccxt for this venue, found none; run: pip install 'scandesk[ccxt]'") from error


def open_exchange(
    name: str,
    secrets: Mapping[str, SecretStr],
    environment: Environment,
    *,
    base_url: str = "",
    options: Mapping[str, object] | None = None,
) -> Exchange:
    """Return an exchange in ccxt's spelling; nothing is sent yet.

    Args:
        secrets: by ccxt's names, see `SECRETS`.
        base_url: of the simulator, in place of every host of the exchange.
        options: ccxt's own of this exchange.

    Raises:
        ConfigError: ccxt does not know the exchange, or has no practice environment there.
    """
    ccxt = load_ccxt()
    if name not in ccxt.exchanges:
        raise ConfigError(f"ccxt: expected an exchange that ccxt knows, found {name!r}")
    if (environment == "simulator") is not bool(base_url):
        raise ConfigError(f"ccxt {name}: expected a base_url for the simulator only, found {base_url!r}")
    unknown = sorted(set(secrets) - SECRETS)
    if unknown:
        raise ConfigError(f"ccxt {name}: expected secrets among {', '.join(sorted(SECRETS))}, found {unknown[0]!r}")
    exchange = getattr(ccxt, name)({"enableRateLimit": True, "options": {**_OPTIONS, **(options or {})}})
    for part, secret in secrets.items():
        setattr(exchange, part, secret.get_secret_value())
    exchange.number = str
    exchange.sign = _with_words_for_flags(exchange.sign)
    if environment == "practice":
        _use_practice(exchange)
    if base_url:
        exchange.urls["api"] = _moved(exchange.urls["api"], base_url.rstrip("/"))
    return exchange


def _use_practice(exchange: Exchange) -> None:
    if not exchange.urls.get("test"):
        raise ConfigError(f"ccxt {exchange.id}: expected an exchange with a practice environment, found none")
    exchange.set_sandbox_mode(True)


def _with_words_for_flags(sign: Callable[..., Any]) -> Callable[..., Any]:
    """Sign again with `true` where ccxt wrote Python's `True` into a form: no exchange reads that as reduce-only."""

    def signed(path: str, api: Any, method: str, params: Mapping[str, Any], *more: Any) -> Any:
        request = sign(path, api, method, params, *more)
        if not _FLAG.search(f"{request['url']} {request.get('body') or ''}"):
            return request
        words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
        return sign(path, api, method, words, *more)

    return signed


def _moved(hosts: Any, base_url: str) -> Any:
    if isinstance(hosts, str):
        return base_url + urlsplit(hosts).path
    return {name: _moved(one, base_url) for name, one in hosts.items()}
