"""One simulator for the tests of this folder; its clock stands still, and every test begins anew."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from simulator.server import Addresses, Plan, simulated
from tests.simulator.oanda_customer import Customer

START = datetime(2026, 1, 14, 15, 2, 20, tzinfo=UTC)


class Steering:
    """The admin port in words."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address)

    def post(self, path: str, **form: object) -> dict:
        return self.http.post(path, json=form).raise_for_status().json()

    def price(self, instrument: str, bid: str, ask: str) -> None:
        self.post("/prices", instrument=instrument, bid=bid, ask=ask)

    def wait(self, **duration: float) -> None:
        self.post("/clock", advance=timedelta(**duration).total_seconds())

    def halt(self, instrument: str) -> None:
        self.post("/halts", instrument=instrument)

    def resume(self, instrument: str) -> None:
        self.http.request("DELETE", "/halts", json={"instrument": instrument}).raise_for_status()

    def depth(self, instrument: str, depth: str | None) -> None:
        self.post("/depths", instrument=instrument, depth=depth)

    def fault(self, place: str, kind: str, **more: object) -> None:
        fault = {"place": place, "kind": kind, **more}
        self.http.post("/faults", json=[fault]).raise_for_status()

    def struck(self) -> list[int]:
        return [fault["struck"] for fault in self.http.get("/faults").json()["faults"]]

    def truth(self, venue: str) -> dict:
        return self.http.get("/truth", params={"venue": venue}).json()["accounts"][0]

    def orders(self, venue: str) -> list[dict]:
        return self.truth(venue)["orders"]


@pytest.fixture(scope="session")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(start=START, speed=0)) as running:
        yield running


@pytest.fixture
def steer(addresses) -> Iterator[Steering]:
    steering = Steering(addresses.admin)
    with steering.http:
        steering.post("/reset")
        yield steering


@pytest.fixture
def oanda(addresses, steer) -> Iterator[Customer]:
    customer = Customer(addresses.venues["oanda"])
    with customer.http:
        yield customer
