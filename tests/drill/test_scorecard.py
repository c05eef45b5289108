"""The scorecard says whether everything that was asked for was done."""

from drill.judging import Violation, Wrong
from drill.scorecard import Card, is_passed, lines
from drill.season import Harvest


def test_a_drill_that_ended_early_says_so_and_is_not_passed() -> None:
    card = Card("oanda", ("sample",), asked=10)
    card.add(Harvest(cycles=4))
    assert "  ended early: 10 cycles were asked for" in lines([card], seed="any")
    assert not is_passed([card])
    card.add(Harvest(cycles=6))
    assert not [line for line in lines([card], seed="any") if "early" in line]
    assert is_passed([card])


def test_a_drill_that_found_something_is_not_passed() -> None:
    card = Card("oanda", ("sample",), asked=1)
    card.add(Harvest(cycles=1, violations=[Violation(Wrong.CASH, "the account", "it differs")]))
    assert not is_passed([card])
