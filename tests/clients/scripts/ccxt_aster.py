"""ccxt at Aster: with a wallet since 4.5.52, with a key before."""

import ccxt
from ccxt_steps import CcxtClient
from steps import Job, run


def make(job: Job, secrets: dict[str, str]) -> ccxt.aster:
    exchange = ccxt.aster(
        {
            "apiKey": secrets["api_key"],
            "secret": secrets["api_secret"],
            "privateKey": secrets["private_key"],
            "enableRateLimit": False,
            "options": {"builderFee": False, "defaultType": "swap", "signerAddress": secrets["signer"]},
        }
    )
    for name in exchange.urls["api"]:
        exchange.urls["api"][name] = job.address + ("/fapi" if name.startswith("fapi") else "/api")
    return exchange


run(lambda job: CcxtClient(job, lambda secrets: make(job, secrets)))
