"""One client's visit to a simulated venue, and what is true afterwards."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import httpx

from desk.adapters.feeds.catalogue import CATALOGUE
from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.model.candles import Candles
from desk.model.instrument import InstrumentKind
from desk.model.timeframe import Timeframe
from simulator.server import Plan
from tests.clients.venues import MARKETS, Client, Market, trade

MILLISECOND = Decimal("0.001")
FEED = SyntheticFeed(Plan().seed)


@dataclass(frozen=True)
class Outcome:
    """What a client was told, and the truth.

    Attributes:
        told: facts by step.
        truth: of the account, as the admin port tells it.
        began: the simulated time before the first step.
    """

    client: Client
    told: dict
    truth: dict
    began: datetime

    @property
    def market(self) -> Market:
        """What it traded."""
        return MARKETS[self.client.venue]

    @property
    def orders(self) -> list[dict]:
        """The orders that came to life, as they stand."""
        created = [event["order"]["number"] for event in self.truth["events"] if event["kind"] == "created"]
        return [one for one in self.truth["orders"] if one["number"] in created]

    @property
    def money(self) -> Decimal:
        """What it has of the market's currency; what it has paid for at a spot market is gone."""
        spot = CATALOGUE[self.market.instrument].instrument.kind is InstrumentKind.SPOT
        paid = sum((Decimal(one["cost"]) for one in self.truth["positions"] if spot), Decimal(0))
        return Decimal(self.truth["cash"]) - paid

    @property
    def fills(self) -> list[dict]:
        """The fills that there were."""
        return [event["booked"]["fill"] for event in self.truth["events"] if event["kind"] == "filled"]

    def closed_candles(self, count: int) -> Candles:
        """The newest candles of the market that were closed when the client came."""
        wanted = FEED.candles(self.market.instrument, Timeframe.M5, until=self.began, count=count)
        return asyncio.run(wanted)


def outcome_of(client: Client, addresses: Mapping[str, str], admin: httpx.Client) -> Outcome:
    """Let a client trade at a venue that begins anew, and read the truth."""
    market = MARKETS[client.venue]
    admin.post("/reset").raise_for_status()
    began = datetime.fromisoformat(admin.get("/clock").json()["now"])
    price = {"instrument": market.instrument, "bid": market.bid, "ask": market.ask}
    admin.post("/prices", json=price).raise_for_status()
    told = trade(client, addresses)
    truth = admin.get("/truth", params={"venue": client.venue}).json()["accounts"][0]
    return Outcome(client, told, truth, began)


def exact(value: object) -> Decimal:
    """Return a number that a client told, as text or as a number, with the digits that it shows."""
    return Decimal(str(value))


def opened_at(value: object) -> int:
    """Return the second at which a candle opened, of a text or of milliseconds."""
    if isinstance(value, str) and not value.isdecimal():
        return int(datetime.fromisoformat(value[:19] + "+00:00").timestamp())
    return int(exact(value) * MILLISECOND)
