"""What one unit of a quote currency is worth in the account's currency."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from desk.matching.spread import to_decimal
from desk.model.books import Quote
from desk.model.candles import Candles


class Rates(Protocol):
    """Conversion rates over time."""

    def rate(self, currency: str, at: datetime) -> Decimal | None:
        """Return the account-currency value of one unit of `currency` as known at `at`, or None where unknown."""
        ...


@dataclass(frozen=True, slots=True)
class CandleRates:
    """Rates from closed candles: the mid close of the newest candle that was closed at the time.

    Attributes:
        currency: the account's.
        candles: by instrument name, of the pairs that `conversion_pair` names.
    """

    currency: str
    candles: Mapping[str, Candles]

    def rate(self, currency: str, at: datetime) -> Decimal | None:
        """Return the account-currency value of one unit of `currency` as known at `at`, or None where unknown."""
        if currency == self.currency:
            return Decimal(1)
        pair = conversion_pair(currency, self.currency, self.candles)
        known = self.candles[pair].until(at) if pair else None
        return rate_from(pair, currency, to_decimal(float(known.close[-1]))) if pair and known else None


def conversion_pair(currency: str, account_currency: str, instruments: Mapping[str, object]) -> str | None:
    """Return the instrument that converts `currency`, the direct pair before the inverse one, None without either."""
    pairs = (f"{currency}/{account_currency}", f"{account_currency}/{currency}")
    return next((pair for pair in pairs if pair in instruments), None)


def conversion_pairs(
    currencies: Iterable[str], account_currency: str, instruments: Mapping[str, object]
) -> dict[str, str]:
    """Return the instrument that converts each currency, by currency; what needs none, or has none, is left out."""
    found = {one: conversion_pair(one, account_currency, instruments) for one in sorted(set(currencies))}
    return {currency: pair for currency, pair in found.items() if pair is not None}


def rates_from(pairs: Mapping[str, str], quotes: Mapping[str, Quote]) -> dict[str, Decimal]:
    """Return the value of one unit of each currency halfway between bid and ask; a pair without a quote gives none.

    Args:
        pairs: as of `conversion_pairs`.
        quotes: by instrument name, as the feed gives them.
    """
    return {currency: rate_from(pair, currency, quotes[pair].mid) for currency, pair in pairs.items() if pair in quotes}


def rate_from(pair: str, currency: str, price: Decimal) -> Decimal:
    """Return the value of one unit of `currency` at the price of its direct or inverse pair."""
    return price if pair.startswith(f"{currency}/") else 1 / price
