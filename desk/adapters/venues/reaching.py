"""From what the operator wrote about a connection to the venue that it reaches."""

from collections.abc import Mapping

from desk.accounts.connections import (
    AsterConnection,
    CoinbaseConnection,
    ConnectionSpec,
    KucoinConnection,
    OandaConnection,
)
from desk.adapters.keys import read_secrets
from desk.adapters.venues.reached import Reached, Tools
from desk.errors import ConfigError


def reach(name: str, spec: ConnectionSpec, tools: Tools, *, values: Mapping[str, str] | None = None) -> Reached:
    """Return the venue of a connection; nothing is sent yet.

    Args:
        name: of the connection, for messages.
        values: where its secrets are, in place of the environment and `.env`.

    Raises:
        ConfigError: a variable is not set, or what it holds is no key.
    """
    secrets = read_secrets(f"connections.{name}", spec.secrets.model_dump(exclude_none=True), values)
    # Each venue brings libraries of its own, which a fleet without it need not load.
    if isinstance(spec, OandaConnection):
        from desk.adapters.venues.oanda.reached import ReachedOanda

        return ReachedOanda(spec, secrets, tools)
    if isinstance(spec, CoinbaseConnection):
        from desk.adapters.venues.coinbase.reached import ReachedCoinbase

        return ReachedCoinbase(spec, secrets, tools)
    if isinstance(spec, KucoinConnection):
        from desk.adapters.venues.kucoin.reached import ReachedKucoin

        return ReachedKucoin(spec, secrets, tools)
    if isinstance(spec, AsterConnection):
        from desk.adapters.venues.aster.reached import ReachedAster

        return ReachedAster(spec, secrets, tools)
    raise ConfigError(f"connections.{name}: ccxt")
