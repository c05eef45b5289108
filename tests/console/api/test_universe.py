"""What an account chose to trade, over HTTP."""

from dataclasses import replace
from pathlib import Path

from desk.model.access import Rights
from tests.builders import CLOSE
from tests.console.api.conftest import Calls, token
from tests.console.test_universe import universe
from tests.desk.adapters.ledger.test_universes import CHOICE, HOUR

__all__ = ["universe"]
READ = token(Rights.READ)
PATH = "/api/accounts/sample/universe"


async def test_a_choice_is_told_with_the_figures_and_a_reason_for_each(calls: Calls, universe: Path):
    await calls.room.ledger.store_universe_choice(CHOICE)
    await calls.room.ledger.store_universe_choice(replace(CHOICE, candle_close=CLOSE + HOUR, standings=()))
    found = (await calls.client.get(PATH, params={"at": "2026-01-14T15:30Z"}, headers=READ)).json()
    assert (found["universe"], found["candle_close"]) == ("coins", "2026-01-14T15:00:00Z")
    assert [one["place"] for one in found["standings"]] == ["tier", "ranked", "age"]
    assert found["standings"][1]["turnover"] == "228073381.01848817"
    assert (await calls.client.get(PATH, headers=READ)).json()["standings"] == []
    assert (await calls.client.get(PATH)).status_code == 401


async def test_without_a_choice_it_is_said_why_there_is_none(calls: Calls, universe: Path):
    for path, status, said in (
        (PATH, 404, "expected a choice of sample, found none"),
        ("/api/accounts/fresh/universe", 404, "fresh trades a fixed list of instruments: EUR/USD"),
        ("/api/accounts/sampel/universe", 422, "did you mean 'sample'"),
        (f"{PATH}?at=soon", 422, "expected a time"),
    ):
        reply = await calls.client.get(path, headers=READ)
        assert (reply.status_code, said in reply.json()["detail"]) == (status, True), reply.text
