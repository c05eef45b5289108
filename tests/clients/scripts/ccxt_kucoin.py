"""ccxt at KuCoin's spot market, with a key of version 2."""

import ccxt
from ccxt_steps import CcxtClient
from steps import Job, run


def make(job: Job, secrets: dict[str, str]) -> ccxt.kucoin:
    exchange = ccxt.kucoin(
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


run(lambda job: CcxtClient(job, lambda secrets: make(job, secrets), found_by="clientOid"))
