"""kucoin-universal-sdk, KuCoin's own client, signs with keys of version 3."""

import json
from types import SimpleNamespace
from urllib.parse import urlencode

from kucoin_universal_sdk.internal.infra import default_signer
from kucoin_universal_sdk.internal.infra.default_transport import DefaultTransport
from signing import Job, Request, sign_all


def sign(job: Job, request: Request) -> dict:
    default_signer.time = SimpleNamespace(time=lambda: job.milliseconds / 1000)
    signer = default_signer.KcSigner(job.secrets["key"], job.secrets["secret"], job.secrets["passphrase"])
    items = list(request.query.items())
    body = json.dumps(request.body, ensure_ascii=False) if request.body else ""
    signed = "?".join(part for part in (request.path, DefaultTransport.raw_query(items)) if part)
    sent = "?".join(part for part in (request.path, urlencode(items)) if part)
    return {"url": sent, "body": body, "headers": signer.headers(request.method + signed + body)}


sign_all(sign)
