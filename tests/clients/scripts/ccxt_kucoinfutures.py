"""ccxt at KuCoin's futures, with a key of version 2."""

from decimal import Decimal

import ccxt
from ccxt_steps import CcxtClient
from steps import Job, run


def make(job: Job, secrets: dict[str, str]) -> ccxt.kucoinfutures:
    exchange = ccxt.kucoinfutures(
        {
            "apiKey": secrets["key"],
            "secret": secrets["secret"],
            "password": secrets["passphrase"],
            "enableRateLimit": False,
        }
    )
    for name in exchange.urls["api"]:
        exchange.urls["api"][name] = job.addresses["kucoin_futures" if name.startswith("futures") else "kucoin"]
    return exchange


class Client(CcxtClient):
    def __init__(self, job: Job) -> None:
        super().__init__(job, lambda secrets: make(job, secrets), found_by="clientOid")

    def balance(self) -> dict:
        """Take off the profit that is not realised yet, which ccxt's total has in it here."""
        found = self.exchange.fetch_balance()
        profit = Decimal(str(found["info"]["data"]["unrealisedPNL"]))
        return {"currency": "USDT", "amount": Decimal(str(found["USDT"]["total"])) - profit}


run(Client)
