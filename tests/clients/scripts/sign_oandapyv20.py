"""oandapyV20 shows its token."""

from oandapyV20 import API
from signing import Job, Request, sign_all


def sign(job: Job, _: Request) -> dict:
    return {"headers": dict(API(access_token=job.secrets["token"]).client.headers)}


sign_all(sign)
