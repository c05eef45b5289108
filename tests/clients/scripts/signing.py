"""What every signing script does: sign the requests of a job at a fixed time, and print what would be sent."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """A request before it is signed; its body is JSON before it is written down."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, str] | None


@dataclass(frozen=True)
class Job:
    """What to sign, with what, and when.

    Attributes:
        place: what the script needs besides to know how to sign.
    """

    secrets: dict[str, str]
    place: dict[str, str | list[str]]
    milliseconds: int
    requests: tuple[Request, ...]


def sign_all(sign: Callable[[Job, Request], dict]) -> None:
    """Sign the requests of the job on the command line, each alone, and print method, URL, headers and body."""
    told = json.loads(sys.argv[1])
    requests = tuple(Request(**one) for one in told.pop("requests"))
    job = Job(requests=requests, **told)
    print(json.dumps({"signed": [sign(job, request) for request in requests]}))  # noqa: T201 - read by the test
