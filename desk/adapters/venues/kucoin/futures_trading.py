"""The trading port of the futures market, with what only futures have."""

import asyncio
from decimal import Decimal

from desk.adapters.venues.kucoin.api import Api
from desk.adapters.venues.kucoin.capabilities import FUTURES
from desk.adapters.venues.kucoin.errors import VENUE
from desk.adapters.venues.kucoin.futures_market import FuturesMarket
from desk.adapters.venues.kucoin.futures_orders import FuturesOrders
from desk.adapters.venues.kucoin.futures_wire import OVERVIEW, POSITIONS
from desk.adapters.venues.kucoin.names import code_of
from desk.adapters.venues.kucoin.patience import Patience
from desk.adapters.venues.kucoin.trading import KucoinTrading
from desk.errors import InvalidOrder
from desk.model.books import AccountState, Position
from desk.model.orders import Order, OrderState, OrderType
from desk.ports import Clock


class FuturesWallet:
    """Implements `Wallet` for the futures wallet in one currency, the one that its contracts settle in."""

    def __init__(self, api: Api, market: FuturesMarket, *, currency: str, clock: Clock) -> None:
        self._api = api
        self._market = market
        self._currency = currency
        self._clock = clock

    async def account(self) -> AccountState:
        """Return the wallet's money; without naming the currency the venue would tell of bitcoin."""
        query = {"currency": code_of(self._currency)}
        told = await self._api.get("/api/v1/account-overview", "account", OVERVIEW, query)
        return AccountState(
            self._currency,
            told.margin_balance,
            told.account_equity,
            self._clock.now(),
            balances={self._currency: told.margin_balance},
            margin_used=told.position_margin,
        )

    async def positions(self) -> tuple[Position, ...]:
        """Return every open position.

        Raises:
            VenueError: UNKNOWN_CONTRACT, a position in something that is not a linear perpetual.
        """
        query = {"currency": code_of(self._currency)}
        rows, contracts = await asyncio.gather(
            self._api.get("/api/v1/positions", "positions", POSITIONS, query), self._market.contracts()
        )
        held = (row for row in rows if row.is_open and row.current_qty)
        return tuple(row.position(contracts.of_symbol(row.symbol)) for row in held)


class FuturesTrading(KucoinTrading):
    """Implements `desk.ports.Trading` for linear perpetuals, and closes positions whole."""

    def __init__(
        self, orders: FuturesOrders, wallet: FuturesWallet, market: FuturesMarket, *, clock: Clock, patience: Patience
    ) -> None:
        super().__init__(orders, wallet, FUTURES, clock=clock, patience=patience)
        self._futures = orders
        self._market = market

    async def close_position(self, client_order_id: str, instrument: str) -> Order:
        """Send an order once that closes the whole position at the market, whatever its size is when it arrives.

        Raises:
            InvalidOrder: NO_POSITION.
            OrderRefused, OutcomeUnknown: as `submit` does.
        """
        position = next((held for held in await self.positions() if held.instrument == instrument), None)
        if position is None:
            raise InvalidOrder(VENUE, f"close {instrument}", "NO_POSITION", "expected an open position, found none")
        symbol = (await self._market.contracts()).by_name[instrument].symbol
        venue_order_id = await self._futures.close(client_order_id, symbol, position.side.opposite)
        accepted = Order(
            client_order_id=client_order_id,
            venue_order_id=venue_order_id,
            instrument=instrument,
            side=position.side.opposite,
            type=OrderType.MARKET,
            quantity=abs(position.quantity),
            filled_quantity=Decimal(0),
            state=OrderState.ACKED,
            at=self._clock.now(),
            reduce_only=True,
        )
        return await self._followed(accepted, may_rest=False)
