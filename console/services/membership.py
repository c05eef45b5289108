"""Accounts that come and go: one that is added, one that is cloned, one that is removed, and what may not be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from console.failures import NotUnderstood
from desk.adapters.clocks import SystemClock
from desk.adapters.editing.accounts import require_empty, to_add, to_clone, to_remove
from desk.adapters.editing.proposing import Proposal, propose
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import Settings
from desk.errors import ConfigError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class AccountAdded:
    """That there is a new account, with keys such as `venue`, each value as a person types it."""

    name: str
    keys: Mapping[str, str] = field(default_factory=dict)

    def proposal(self, chosen: Settings) -> Proposal:
        """Return what it would come to; takes time, so not on an event loop.

        Raises:
            NotUnderstood: the name is none that an account may have.
            ConfigError: there is one of that name, or the configuration could not be used afterwards.
        """
        return propose(chosen.config, to_add(_named(self.name), self.keys))


@dataclass(frozen=True, slots=True)
class AccountCloned:
    """That there is an account like another one, its overrides too, but for some keys."""

    account: str
    name: str
    keys: Mapping[str, str] = field(default_factory=dict)

    def proposal(self, chosen: Settings) -> Proposal:
        """Return what it would come to; see `AccountAdded`."""
        return propose(chosen.config, to_clone(chosen.config, self.account, _named(self.name), self.keys))


@dataclass(frozen=True, slots=True)
class AccountRemoved:
    """That an account is gone, with its overrides and its target."""

    account: str

    def proposal(self, chosen: Settings) -> Proposal:
        """Return what it would come to, whatever it holds; see `require_removable`.

        Raises:
            ConfigError: there is no such account, or the configuration could not be used afterwards.
        """
        return propose(chosen.config, to_remove(chosen.config, self.account))


async def require_removable(ledger: Ledger, account: str) -> None:
    """Let an account pass that holds nothing and may open nothing at a real venue.

    Raises:
        ConfigError: it has positions, orders that may still be filled, or an arm that nobody took back; or it is being
            scanned or watched, and may have a position in a moment.
    """
    # First: what whoever gives it back now has opened is found by the next question.
    if holder := await ledger.held_by(account, SystemClock().now()):
        raise ConfigError(
            f"{account}: expected an account that nobody works on, found that {holder} holds it now; "
            "try again when that has ended"
        )
    await require_empty(ledger, account)
    if arm := (await ledger.arms()).get(account):
        raise ConfigError(
            f"{account}: expected an account that is not armed, found that {arm.who} has armed it; take that back "
            f"first: desk disarm {account}"
        )


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotUnderstood(f"expected a name of small letters, digits and -, such as oanda-swing-2, found '{name}'")
    return name
