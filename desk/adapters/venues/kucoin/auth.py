"""Signs requests for KuCoin: key, time, method, path, query and body under one HMAC, for key versions 2 and 3.

The time has to be within five seconds of the venue's. It is measured before the first signed request, again when the
measure is old, and after the venue refused a time.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import parse_qsl

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from desk.adapters.venue_http.skew import ClockSkew

TIME_PATH = "/api/v1/timestamp"
WRONG_TIME = b'"400002"'
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class KucoinCredentials(BaseModel):
    """A key of KuCoin's, as it was created there.

    Attributes:
        key_version: the generation of the key; the venue refuses the wrong one. Keys made today are of version 3.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: SecretStr
    secret: SecretStr
    passphrase: SecretStr
    key_version: Literal[2, 3] = 3


class KucoinAuth(httpx.Auth):
    """Adds the five headers of a signed request; what is sent in the query is signed as it reads before escaping."""

    requires_request_body = True
    requires_response_body = True

    def __init__(self, credentials: KucoinCredentials, skew: ClockSkew) -> None:
        self._credentials = credentials
        self._skew = skew

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Measure the venue's clock where that is due, then sign and send."""
        if self._skew.is_due:
            sent = self._skew.clock.now()
            answer = yield httpx.Request("GET", request.url.join(TIME_PATH), extensions=request.extensions)
            self._measure(answer, sent)
        request.headers.update(self._signature(request))
        response = yield request
        if WRONG_TIME in response.content:
            self._skew.forget()

    def _measure(self, answer: httpx.Response, sent: datetime) -> None:
        """Take in the venue's time; without a usable one our own serves, and the venue says whether it is wrong."""
        shown = _milliseconds(answer.content)
        if shown is not None:
            self._skew.observe(_EPOCH + timedelta(milliseconds=shown), sent, self._skew.clock.now())

    def _signature(self, request: httpx.Request) -> dict[str, str]:
        timestamp = str((self._skew.now() - _EPOCH) // timedelta(milliseconds=1))
        text = (timestamp + request.method + _readable_path(request.url)).encode() + request.content
        return {
            "KC-API-KEY": self._credentials.key.get_secret_value(),
            "KC-API-SIGN": self._sign(text),
            "KC-API-TIMESTAMP": timestamp,
            "KC-API-PASSPHRASE": self._sign(self._credentials.passphrase.get_secret_value().encode()),
            "KC-API-KEY-VERSION": str(self._credentials.key_version),
        }

    def _sign(self, text: bytes) -> str:
        secret = self._credentials.secret.get_secret_value().encode()
        return base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()


def _readable_path(url: httpx.URL) -> str:
    """Path and query without escapes: both official clients sign that, and the venue decodes before it compares."""
    query = "&".join(f"{name}={value}" for name, value in parse_qsl(url.query.decode(), keep_blank_values=True))
    return f"{url.path}?{query}" if query else url.path


def _milliseconds(body: bytes) -> int | None:
    try:
        shown = json.loads(body)
    except ValueError:
        return None
    found = shown.get("data") if isinstance(shown, dict) else None
    return found if isinstance(found, int) else None
