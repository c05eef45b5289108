"""Checks whether the money of a live account's venue can keep its instruments apart, and pay for them."""

from collections.abc import Iterator

from desk.accounts.entry import Entry
from desk.accounts.problems import Problem

_ASTER_CURRENCY = "USDT"


def settling_problems(account: Entry, connection: Entry) -> Iterator[Problem]:
    """Yield what the venue of a live account cannot settle the way it is written."""
    kind, is_futures = _text(connection, "kind"), _text(connection, "market") == "futures"
    if kind == "aster":
        yield from _other_currency_problems(account)
        yield from _settlement_problems(account, _ASTER_CURRENCY)
    elif kind == "kucoin" and is_futures:
        yield from _settlement_problems(account, _text(account, "currency"))
    elif kind in ("coinbase", "kucoin"):
        yield from _balance_problems(account)


def _other_currency_problems(account: Entry) -> Iterator[Problem]:
    currency = account.child("currency")
    if currency and currency.value != _ASTER_CURRENCY:
        told = f"expected {_ASTER_CURRENCY}, in which the venue tells an account's money, found '{currency.value}'"
        yield currency.problem(told)


def _settlement_problems(account: Entry, currency: str) -> Iterator[Problem]:
    """Profit and fees in another currency would have no value in the account's."""
    for instrument, name in _instruments(account):
        settlement = name.partition("/")[2].partition(":")[2]
        if settlement and currency and settlement != currency:
            told = f"expected an instrument that settles in {currency}, the account's currency, found '{name}'"
            yield instrument.problem(told)


def _balance_problems(account: Entry) -> Iterator[Problem]:
    """The venue keeps one balance of a base currency, which would be the position of both instruments."""
    first: dict[str, str] = {}
    for instrument, name in _instruments(account):
        base = name.partition("/")[0]
        if first.setdefault(base, name) != name:
            told = f"expected one instrument for each base currency, found '{name}' beside '{first[base]}'"
            yield instrument.problem(f"{told}; the venue keeps one balance of {base} for both")


def _instruments(account: Entry) -> Iterator[tuple[Entry, str]]:
    instruments = account.child("instruments")
    for instrument in instruments.items if instruments else ():
        if isinstance(instrument.value, str):
            yield instrument, instrument.value


def _text(entry: Entry, key: str) -> str:
    child = entry.child(key)
    return str(child.value) if child else ""
