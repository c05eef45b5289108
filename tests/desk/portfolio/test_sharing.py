"""How money comes nearer to its target weights."""

from collections.abc import Mapping
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.portfolio.actions import Plan, Reallocation, Transfer
from desk.portfolio.sharing import Holding, Target, TransferLimits, share_out

LIMITS = TransferLimits(Decimal(100), Decimal(5000), Decimal(8000))


def targets(**weights: str) -> dict[str, Target]:
    return {name: Target(Decimal(weight), Decimal("0.05")) for name, weight in weights.items()}


def holdings(**equities: str | None) -> dict[str, Holding]:
    return {name: Holding(None if one is None else Decimal(one), Decimal(1)) for name, one in equities.items()}


def plan(wanted: Mapping[str, Target], held: Mapping[str, Holding], limits: TransferLimits | None = LIMITS) -> Plan:
    return share_out(wanted, held, limits, currency="USD")


def test_within_the_bands_nothing_is_done() -> None:
    assert plan(targets(a="0.5", b="0.5"), holdings(a="10400", b="9600")) == Plan()


def test_what_is_above_its_target_gives_to_what_is_below_and_the_reason_is_told() -> None:
    found = plan(targets(a="0.5", b="0.5"), holdings(a="14000", b="6000"))
    [transfer] = found.actions
    assert isinstance(transfer, Transfer)
    assert (transfer.source, transfer.target, transfer.amount, transfer.currency) == ("a", "b", 4000, "USD")
    assert transfer.why == "b works with 6,000.00 of 20,000.00 USD, 0.300; wanted 0.5 within 0.05"
    assert str(transfer) == "move 4,000.00 USD from a to b"
    assert found.notes == ()


def test_a_transfer_stays_within_its_limits_and_the_allocation_does_the_rest() -> None:
    found = plan(targets(a="0.2", b="0.8"), holdings(a="80000", b="20000"))
    transfer, lowered = found.actions
    assert isinstance(transfer, Transfer)
    [note] = found.notes
    assert (transfer.amount, "b works with 25,000.00 of 100,000.00 USD, 0.250" in note) == (5000, True)
    assert isinstance(lowered, Reallocation)
    assert (lowered.account, lowered.before, lowered.after) == ("a", 1, Decimal("0.26"))
    assert str(lowered) == "lower the allocation of a from 1 to 0.26"


def test_all_transfers_of_a_plan_stay_within_their_limit_too() -> None:
    found = plan(targets(a="0.1", b="0.5", c="0.4"), holdings(a="90000", b="5000", c="5000"))
    moved = [one.amount for one in found.actions if isinstance(one, Transfer)]
    assert (moved, len(found.notes)) == ([5000, 3000], 2)


def test_what_is_not_worth_its_trouble_is_not_moved() -> None:
    found = plan(targets(a="0.5", b="0.5"), holdings(a="110", b="50"))
    assert [type(one) for one in found.actions] == [Reallocation]


def test_without_limits_nothing_is_moved_and_the_weights_are_kept_by_allocations_alone() -> None:
    [lowered] = plan(targets(a="0.4", b="0.4"), holdings(a="60000", b="40000"), None).actions
    assert (lowered.account, lowered.after) == ("a", Decimal("0.66")) if isinstance(lowered, Reallocation) else False


def test_an_allocation_is_raised_again_where_the_account_has_too_little_capital() -> None:
    held = {**holdings(a="50000"), "b": Holding(Decimal(50_000), Decimal("0.4"))}
    [raised] = plan(targets(a="0.5", b="0.5"), held, None).actions
    assert str(raised) == "raise the allocation of b from 0.4 to 1"


def test_money_in_the_same_place_is_moved_first() -> None:
    held = {
        "near": Holding(Decimal(12_000), Decimal(1), "oanda one"),
        "far": Holding(Decimal(14_000), Decimal(1), "kucoin two"),
        "poor": Holding(Decimal(4000), Decimal(1), "oanda one"),
    }
    found = plan(targets(near="0.33", far="0.33", poor="0.33"), held)
    moved = [(one.source, one.target) for one in found.actions if isinstance(one, Transfer)]
    assert moved == [("near", "poor"), ("far", "poor")]


def test_where_one_equity_is_not_known_nothing_is_done() -> None:
    found = plan(targets(a="0.5", b="0.5"), holdings(a="1000", b=None))
    assert found == Plan(notes=("nothing is shared out, because the equity of b is not known",))
    assert plan(targets(a="0.5", b="0.5"), holdings(a="1000", b="-5")).actions == ()


def test_what_stays_outside_its_band_is_told_for_each_whatever_stands_in_the_way() -> None:
    [note] = plan(targets(a="0.9", b="0.1"), holdings(a="100", b="900"), None).notes
    assert note == (
        "a stays outside its band, because too little can be moved to it; "
        "with all that is proposed a works with 100.00 of 1,000.00 USD, 0.100; wanted 0.9 within 0.05"
    )
    found = plan(targets(a="0.9", b="0.1"), holdings(a="99", b="71"))  # less than the smallest transfer
    assert [one.split()[0] for one in found.notes] == ["a"]
    both = plan(targets(a="0.45", b="0.45", c="0.1"), holdings(a="100", b="100", c="800"), None).notes
    assert [one.split()[0] for one in both] == ["a", "b"]


def test_an_account_that_cannot_be_brought_back_is_never_passed_over_in_silence() -> None:
    held = {"a": Holding(Decimal(100), Decimal(1)), "b": Holding(Decimal(900), Decimal("0.11"))}
    found = plan(targets(a="0.9", b="0.1"), held, None)
    assert (found.actions, len(found.notes)) == ((), 1)


AMOUNTS = st.integers(1, 10**7).map(Decimal)


@settings(max_examples=40)
@given(st.lists(st.tuples(AMOUNTS, st.integers(1, 30)), min_size=1, max_size=4), st.none() | st.just(LIMITS))
def test_after_the_actions_every_account_is_inside_its_band_or_in_a_note(
    accounts: list[tuple[Decimal, int]], limits: TransferLimits | None
) -> None:
    wanted = {f"{n}": Target(Decimal(weight) / 120, Decimal("0.02")) for n, (_, weight) in enumerate(accounts)}
    equities = {f"{n}": equity for n, (equity, _) in enumerate(accounts)}
    found = plan(wanted, {name: Holding(equity, Decimal(1)) for name, equity in equities.items()}, limits)
    total, parts = sum(equities.values()), dict.fromkeys(wanted, Decimal(1))
    for one in found.actions:
        if isinstance(one, Transfer):
            equities[one.source], equities[one.target] = (
                equities[one.source] - one.amount, equities[one.target] + one.amount,
            )  # fmt: skip
        elif isinstance(one, Reallocation):
            parts[one.account] = one.after
    shares = {name: equities[name] * parts[name] / total for name in wanted}
    outside = {name for name, target in wanted.items() if abs(shares[name] - target.weight) > target.band}
    assert outside == {note.split()[0] for note in found.notes}


@settings(max_examples=40)
@given(st.lists(st.tuples(AMOUNTS, st.integers(1, 30)), min_size=1, max_size=4), st.tuples(AMOUNTS, AMOUNTS, AMOUNTS))
def test_no_plan_moves_more_than_it_may_or_leaves_an_account_worse_off(
    accounts: list[tuple[Decimal, int]], limits: tuple[Decimal, Decimal, Decimal]
) -> None:
    minimum, maximum, together = sorted(limits)
    wanted = {f"{n}": Target(Decimal(weight) / 120, Decimal("0.01")) for n, (_, weight) in enumerate(accounts)}
    held = {f"{n}": Holding(equity, Decimal(1)) for n, (equity, _) in enumerate(accounts)}
    found = plan(wanted, held, TransferLimits(minimum, maximum, together))
    total, after = sum(equity for equity, _ in accounts), {name: one.equity or Decimal(0) for name, one in held.items()}
    transfers = [one for one in found.actions if isinstance(one, Transfer)]
    assert sum(one.amount for one in transfers) <= together
    for one in transfers:
        assert minimum <= one.amount <= maximum
        after[one.source] -= one.amount
        after[one.target] += one.amount
    for one in transfers:
        assert after[one.source] >= wanted[one.source].weight * total
        assert after[one.target] <= wanted[one.target].weight * total
    assert all(0 < one.after <= 1 for one in found.actions if isinstance(one, Reallocation))
