"""Real processes, ended by SIGKILL at the points where a desk would send twice or leave a position bare.

The quick part of `python -m drill.crashes`, which ends processes at all fourteen points, at all venues, on both
databases, and at random moments. `CRASH_POINTS="CP5 CP6"` has these points tried here at each venue, and
`DESK_DRILL_EVERYTHING=1` the seventh.
"""

import os

import pytest

from drill.crashes.databases import POSTGRESQL, SQLITE
from drill.crashes.fleet import VENUES
from drill.crashes.matrix import Venture
from drill.crashes.verdicts import Mark
from tests.drilled import drilled

_ASKED = os.environ.get("CRASH_POINTS", "").split()
_AT_EACH = [(code, name) for code in _ASKED or ["CP7"] for name in VENUES]
_STOP = ("CP11", "aster")
# One venue knows an id for ever; the other takes it again once its order has ended.
_USUALLY = [("CP7", "oanda"), ("CP7", "kucoin"), _STOP]
POINTS = _AT_EACH if _ASKED else drilled([*_AT_EACH, _STOP], usually=_USUALLY)
_VENTURES: dict[tuple[str, str], Venture] = {}


@pytest.fixture
def venture_at(crash_ground, request):
    """Drill a venue; its story without a death is lived once."""

    def venture(name: str, databases: str) -> Venture:
        if (name, databases) not in _VENTURES:
            kinds = request.getfixturevalue(databases)
            _VENTURES[name, databases] = Venture(VENUES[name], crash_ground, kinds)
        return _VENTURES[name, databases]

    return venture


@pytest.mark.parametrize(("code", "name"), POINTS)
def test_a_process_that_is_killed_is_continued_as_if_it_had_not_been(venture_at, code: str, name: str):
    verdict = venture_at(name, "files").cell(code, SQLITE).verdict

    assert verdict.is_well, verdict
    assert verdict.died


@pytest.mark.postgres
def test_on_postgresql_a_process_that_is_killed_is_continued_too(venture_at):
    verdict = venture_at("oanda", "servers").cell("CP7", POSTGRESQL).verdict

    assert verdict.mark is Mark.SAME, verdict


def test_without_ids_of_their_own_orders_are_sent_twice_and_the_drill_sees_it(venture_at):
    verdict = venture_at("kucoin", "files").cell("CP7", SQLITE, forgets_ids=True).verdict

    assert any(finding.startswith("duplicate: 2 orders to buy BTC/USDT") for finding in verdict.findings), verdict
