"""`desk watch`: one look by hand, and what it found."""

from tests.console.conftest import Desk, Fill
from tests.console.test_holdings import one_trade


def test_an_account_that_holds_nothing_is_told_so(desk: Desk):
    said = desk("watch", "fresh")
    assert (said.code, said.out) == (0, "fresh: nothing is held, and no order is open\n")


def test_every_account_that_can_hold_something_is_watched_without_a_name(desk: Desk, fill: Fill):
    fill(one_trade)
    said = desk("watch", "--json")
    assert said.code == 0
    assert said.json == [
        {"account": "sample", "positions": 0, "done": [], "left": []},
        {"account": "fresh", "not_watched": "nothing is held, and no order is open"},
    ]


def test_an_account_that_is_not_there_is_told_with_the_nearest(desk: Desk):
    said = desk("watch", "sampel")
    assert said.code != 0
    assert "sample" in said.err
