"""ccxt at Coinbase: the JWT of a CDP key, or the HMAC of a legacy one; it tells them apart by how the key looks."""

import ccxt
from ccxt_steps import CcxtClient
from steps import Job, run


class Client(CcxtClient):
    """Looks up by the venue's id: Coinbase has no lookup by the client's."""

    def __init__(self, job: Job) -> None:
        super().__init__(job, lambda secrets: make(job, secrets), sent_as="client_order_id", found_by="")

    def buy_at_market(self) -> dict:
        """Buy for so much money, the only way in which ccxt buys here."""
        price = float(self.job.market_price)
        return self.exchange.create_order(self.symbol, "market", "buy", float(self.job.quantity), price)


def make(job: Job, secrets: dict[str, str]) -> ccxt.coinbase:
    # Its own pace is for a far venue; the limits of this one are the real ones.
    exchange = ccxt.coinbase({"apiKey": secrets["key"], "secret": secrets["secret"], "rateLimit": 60})
    exchange.urls["api"] = {"rest": job.address}
    return exchange


run(Client)
