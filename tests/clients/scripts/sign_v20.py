"""v20, OANDA's own client, shows its token."""

import v20
from signing import Job, Request, sign_all


def sign(job: Job, _: Request) -> dict:
    return {"headers": dict(v20.Context("localhost", token=job.secrets["token"])._headers)}


sign_all(sign)
