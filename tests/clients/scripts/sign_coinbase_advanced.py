"""coinbase-advanced-py, Coinbase's own client, makes tokens."""

from types import SimpleNamespace

from coinbase import jwt_generator
from coinbase.rest import RESTClient
from signing import Job, Request, sign_all


def sign(job: Job, request: Request) -> dict:
    jwt_generator.time = SimpleNamespace(time=lambda: job.milliseconds / 1000)
    client = RESTClient(job.secrets["key"], job.secrets["secret"])
    return {"headers": client.set_headers(request.method, request.path)}


sign_all(sign)
