"""ccxt signs as it does at each venue; the place names the exchange, the kind of its paths and where they begin."""

import ccxt
from signing import Job, Request, sign_all


def sign(job: Job, request: Request) -> dict:
    exchange = getattr(ccxt, job.place["exchange"])({**job.secrets, "options": {"timeDifference": 0}})
    exchange.milliseconds = exchange.nonce = lambda: job.milliseconds
    exchange.seconds = lambda: job.milliseconds // 1000
    path, parameters = request.path.removeprefix(job.place["prefix"]), {**request.query, **(request.body or {})}
    signed = exchange.sign(path, job.place["kind"], request.method, parameters)
    return {"url": signed["url"], "body": signed["body"] or "", "headers": signed["headers"] or {}}


sign_all(sign)
