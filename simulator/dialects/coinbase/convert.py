"""Converts dollars into USDC and back, one to one: an offer that is good for some seconds, then its acceptance."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from starlette.requests import Request

from simulator.account import Account
from simulator.dialects.coinbase.asking import body_in, number, words_in
from simulator.dialects.coinbase.customers import Customers
from simulator.dialects.coinbase.listing import COIN, DOLLAR
from simulator.dialects.coinbase.rules import invalid, not_found, offer_id, text, wallet_id, wrong
from simulator.dialects.coinbase.telling import Told
from simulator.dialects.coinbase.wallets import Offer

_LIFE = timedelta(seconds=10)
_CENT = Decimal("0.01")


class Convert:
    """The paths of conversions."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    async def quote(self, request: Request) -> object:
        """POST /convert/quote: the amount is in the currency that is given."""
        account, body = await self._customers.enter(request), await body_in(request)
        source, target = (_currency(account, words_in(body, f"{end}_account")) for end in ("from", "to"))
        amount, wallets = number(body.get("amount"), "amount"), self._customers.wallets(account)
        if source == target or amount <= 0 or amount % _CENT:
            raise invalid("expected two currencies and an amount of whole cents")
        if amount > wallets.free(account, source):
            raise wrong(400, "FAILED_PRECONDITION", "insufficient funds")
        name = offer_id(account, len(wallets.offers) + 1)
        wallets.offers[name] = Offer(name, source, target, amount, self._customers.exchange.clock.now())
        return _tell(account, wallets.offers[name])

    async def commit(self, request: Request) -> object:
        """POST /convert/trade/{trade}: an offer can be accepted once."""
        account, body = await self._customers.enter(request), await body_in(request)
        ends = {end: words_in(body, f"{end}_account") for end in ("from", "to")}
        offer, wallets = self._offer(account, request, ends), self._customers.wallets(account)
        if offer.is_taken or self._customers.exchange.clock.now() - offer.made_at > _LIFE:
            raise wrong(400, "FAILED_PRECONDITION", "the offer has expired or was accepted")
        if offer.amount > wallets.free(account, offer.source):
            raise wrong(400, "FAILED_PRECONDITION", "insufficient funds")
        wallets.coins += offer.amount if offer.target == COIN else -offer.amount
        wallets.offers[offer.id] = replace(offer, is_taken=True)
        return _tell(account, wallets.offers[offer.id])

    async def read(self, request: Request) -> object:
        """GET /convert/trade/{trade}."""
        account = await self._customers.enter(request)
        ends = {end: request.query_params.get(f"{end}_account", "") for end in ("from", "to")}
        return _tell(account, self._offer(account, request, ends))

    def _offer(self, account: Account, request: Request, ends: dict[str, str]) -> Offer:
        offer = self._customers.wallets(account).offers.get(request.path_params["trade"])
        if offer is None:
            raise not_found("trade")
        if [_currency(account, ends[end]) for end in ("from", "to")] != [offer.source, offer.target]:
            raise invalid("the accounts are not those of the offer")
        return offer


def _currency(account: Account, name: str) -> str:
    """Return the currency of a wallet that is named by its id or its currency."""
    for currency in (DOLLAR, COIN):
        if name in (currency, wallet_id(account, currency)):
            return currency
    raise invalid(f"account {name} cannot be converted")


def _tell(account: Account, offer: Offer) -> Told:
    given = {"value": text(offer.amount), "currency": offer.source}
    nothing = {"value": "0", "currency": offer.source}
    rate = {"value": "1", "currency": offer.target}
    trade: Told = {
        "id": offer.id,
        "status": "TRADE_STATUS_COMPLETED" if offer.is_taken else "TRADE_STATUS_CREATED",
        "user_entered_amount": given,
        "amount": given,
        "subtotal": given,
        "total": {"value": text(offer.amount), "currency": offer.target},
        "fees": [],
        "total_fee": {"title": "", "description": "", "amount": nothing, "label": ""},
        "source": _side(account, offer.source),
        "target": _side(account, offer.target),
        "unit_price": {"target_to_source": rate},
        "exchange_rate": rate,
        "user_reference": "",
        "source_currency": offer.source,
        "target_currency": offer.target,
        "cancellation_reason": None,
    }
    return {"trade": trade}


def _side(account: Account, currency: str) -> Told:
    return {
        "type": "LEDGER_ACCOUNT",
        "network": "",
        "ledger_account": {"account_id": wallet_id(account, currency), "currency": currency},
    }
