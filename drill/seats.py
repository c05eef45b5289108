"""The accounts that a drill puts at a simulated venue: what they trade, and what they decide by, is the operator's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from desk.accounts import AccountSpec, Fleet, PolicySpec, Venue
from desk.adapters.feeds.catalogue import CATALOGUE
from desk.errors import ConfigError
from desk.model.cycle import Mode
from desk.model.instrument import Instrument
from desk.registry import nearest
from simulator.dialects.finding import find_dialects

_CASH = Decimal(100_000)
_AT_LEAST = 2
"""Accounts at each venue: what one does must not touch the other."""

_DIALECTS = {Venue.OANDA: "oanda", Venue.COINBASE: "coinbase", Venue.ASTER: "aster"}
DIALECTS = ("oanda", "coinbase", "kucoin", "kucoin_futures", "aster")


@dataclass(frozen=True, slots=True)
class Seat:
    """One account of the drill, live at the simulator of its venue, with what the simulator lists.

    Attributes:
        place: where it sits at the venue, counted from 1.
    """

    account: AccountSpec
    policy: PolicySpec
    place: int

    @property
    def name(self) -> str:
        """The account's."""
        return self.account.name

    @property
    def cash(self) -> Decimal:
        """What it begins with."""
        return self.account.starting_cash or _CASH


@dataclass(frozen=True, slots=True)
class Seating:
    """Who sits where.

    Attributes:
        left_out: why an account cannot be drilled, by its name.
    """

    seats: Mapping[str, tuple[Seat, ...]]
    left_out: Mapping[str, str]


def seat(fleet: Fleet, names: Iterable[str] = (), dialects: Iterable[str] = ()) -> Seating:
    """Return the accounts of a fleet by the dialect of their venue; one that is alone there gets a twin.

    Args:
        fleet: the operator's.
        names: of accounts; all without.
        dialects: all without.

    Raises:
        ConfigError: there is no such account or dialect.
    """
    wanted = _known(dialects, DIALECTS, "venue") or DIALECTS
    chosen = _known(names, fleet.accounts, "account") or tuple(fleet.accounts)
    seats: dict[str, list[Seat]] = {}
    left_out: dict[str, str] = {}
    for name in chosen:
        account = fleet.accounts[name]
        dialect = dialect_of(account)
        listed = _listed(account, dialect) if dialect else ()
        if not listed:
            left_out[name] = _why_without(account, dialect)
        elif dialect in wanted:
            row = seats.setdefault(dialect, [])
            row.append(Seat(_at_the_simulator(account, listed), fleet.policies[name], len(row) + 1))
    return Seating({one: _filled(seats[one]) for one in wanted if one in seats}, left_out)


def _why_without(account: AccountSpec, dialect: str) -> str:
    if not dialect:
        return "its venue has no simulator"
    return "it trades a universe and no fixed list" if account.universe else "no simulator lists what it trades"


def dialect_of(account: AccountSpec) -> str:
    """Return the simulator of an account's venue; empty where there is none."""
    if account.venue is Venue.KUCOIN:
        return "kucoin_futures" if any(":" in name for name in account.instruments) else "kucoin"
    return _DIALECTS.get(account.venue, "")


def _listed(account: AccountSpec, dialect: str) -> tuple[str, ...]:
    venue = find_dialects((dialect,))[dialect].VENUE
    catalogue: dict[str, Instrument] = {name: listing.instrument for name, listing in CATALOGUE.items()}
    return tuple(name for name in account.instruments if name in catalogue and venue.lists(catalogue[name]))


def _at_the_simulator(account: AccountSpec, instruments: tuple[str, ...]) -> AccountSpec:
    return account.model_copy(update={"mode": Mode.LIVE, "instruments": instruments})


def _filled(row: list[Seat]) -> tuple[Seat, ...]:
    first = row[0]
    twins = [
        Seat(first.account.model_copy(update={"name": f"{first.name}-{place}"}), first.policy, place)
        for place in range(len(row) + 1, _AT_LEAST + 1)
    ]
    return (*row, *twins)


def _known(names: Iterable[str], known: Iterable[str], what: str) -> tuple[str, ...]:
    asked = tuple(names)
    for name in asked:
        if name not in known:
            raise ConfigError(f"unknown {what} '{name}'; {nearest(name, list(known))}")
    return asked
