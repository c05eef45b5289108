"""What Coinbase tells an account of its money: wallets, fees, the rights of a key."""

from datetime import timedelta
from decimal import Decimal

from starlette.requests import Request

from simulator.account import Account
from simulator.dialects.coinbase.customers import Customers
from simulator.dialects.coinbase.listing import COIN, DOLLAR
from simulator.dialects.coinbase.queries import limit_in
from simulator.dialects.coinbase.rules import VENUE, invalid, not_found, portfolio_id, stamp, text, wallet_id
from simulator.dialects.coinbase.telling import Told
from simulator.dialects.coinbase.wallets import holds

_PAGE, _LONGEST_PAGE = 49, 250
_MONTH = timedelta(days=30)


class Money:
    """The paths of money."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    async def accounts(self, request: Request) -> object:
        """GET /accounts."""
        account = await self._customers.enter(request)
        told, cursor = await self._told(account), request.query_params.get("cursor", "")
        if cursor and cursor not in told:
            raise invalid("cursor is not one of this list")
        names = sorted(name for name in told if name > cursor)
        page = names[: limit_in(request, _PAGE, _LONGEST_PAGE)]
        more = len(page) < len(names)
        rows = [told[name] for name in page]
        return {"accounts": rows, "has_next": more, "cursor": page[-1] if more else "", "size": len(rows)}

    async def account(self, request: Request) -> object:
        """GET /accounts/{account}."""
        account = await self._customers.enter(request)
        for told in (await self._told(account)).values():
            if told["uuid"] == request.path_params["account"]:
                return {"account": told}
        raise not_found("account")

    async def summary(self, request: Request) -> object:
        """GET /transaction_summary."""
        account, since = await self._customers.enter(request), self._customers.exchange.clock.now() - _MONTH
        fills = [event.booked.fill for event in account.events if event.booked is not None and event.at >= since]
        volume = text(sum((fill.price * fill.quantity for fill in fills), Decimal(0)))
        fees = text(sum((fill.fee for fill in fills), Decimal(0)))
        return {
            "total_volume": volume,
            "total_fees": fees,
            "fee_tier": {
                "pricing_tier": "Intro 1",
                "usd_from": "0",
                "usd_to": "10000",
                "taker_fee_rate": text(VENUE.fees.taker_bps / 10_000),
                "maker_fee_rate": text(VENUE.fees.maker_bps / 10_000),
                "aop_from": "",
                "aop_to": "",
            },
            "margin_rate": None,
            "goods_and_services_tax": None,
            "advanced_trade_only_volume": volume,
            "advanced_trade_only_fees": fees,
            "coinbase_pro_volume": "0",
            "coinbase_pro_fees": "0",
            "total_balance": "",
            "has_promo_fee": False,
        }

    async def permissions(self, request: Request) -> object:
        """GET /key_permissions: a key may view and trade, unless the account's secrets name other `rights`."""
        account = await self._customers.enter(request)
        granted = account.secrets.get("rights", "view,trade").split(",")
        rights = {f"can_{right}": right in granted for right in ("view", "trade", "transfer")}
        return {**rights, "portfolio_uuid": portfolio_id(account), "portfolio_type": "DEFAULT"}

    async def portfolios(self, request: Request) -> object:
        """GET /portfolios."""
        account = await self._customers.enter(request)
        return {"portfolios": [{"name": "Default", "uuid": portfolio_id(account), "type": "DEFAULT", "deleted": False}]}

    async def _told(self, account: Account) -> dict[str, Told]:
        """Return a row for each currency."""
        bases = {product.instrument.base for product in (await self._customers.products()).values()}
        totals, kept = self._customers.wallets(account).totals(account), holds(account)
        return {
            currency: _wallet(account, currency, totals.get(currency, Decimal(0)), kept.get(currency, Decimal(0)))
            for currency in {DOLLAR, COIN, *bases}
        }


def _wallet(account: Account, currency: str, total: Decimal, kept: Decimal) -> Told:
    return {
        "uuid": wallet_id(account, currency),
        "name": f"{currency} Wallet",
        "currency": currency,
        "available_balance": {"value": text(total - kept), "currency": currency},
        "hold": {"value": text(kept), "currency": currency},
        "default": True,
        "active": True,
        "created_at": stamp(account.opened_at),
        "updated_at": stamp(account.events[-1].at),
        "deleted_at": None,
        "type": "ACCOUNT_TYPE_FIAT" if currency == DOLLAR else "ACCOUNT_TYPE_CRYPTO",
        "ready": True,
        "retail_portfolio_id": portfolio_id(account),
        "platform": "ACCOUNT_PLATFORM_CONSUMER",
    }
