"""Halting from the command line: by names that exist, until a time, with a reason, and closing what is open."""

import re
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from desk.adapters.clocks import SystemClock
from desk.adapters.editing.reading import read_files
from desk.adapters.halting import HALT_FILE
from desk.adapters.last_good import LastGood
from desk.adapters.ledger.ledger import Ledger
from desk.model.books import TradingState


@pytest.fixture
def ledger(fill):
    """The ledger of the folder, empty."""


def states(desk):
    return desk("states", "--json").json


@pytest.mark.usefixtures("ledger")
def test_a_halt_is_in_force_with_who_and_why(desk):
    ended = desk("halt", "account:sample", "--why", "odd prices", "--as", "ana")
    assert (ended.code, ended.out) == (0, "account:sample: halted\n")
    (found,) = states(desk)
    assert (found["scope"], found["state"], found["who"]) == ("account:sample", "halted", "ana")
    assert (found["why"], found["until"]) == ("odd prices", None)
    assert re.search(r"account:sample +halted .* ana +odd prices", desk("states").out)


@pytest.mark.usefixtures("ledger")
def test_resuming_lifts_the_order_of_the_same_scope_and_says_what_stays_stricter(desk):
    desk("halt", "fleet", "--as", "ana", "--why", "news")
    desk("reduce", "venue:oanda")
    ended = desk("resume", "venue:oanda")
    assert ended.out.splitlines() == [
        "venue:oanda: active",
        "It stays stricter than that: fleet is halted: news (ordered by ana).",
    ]
    assert [(one["scope"], one["state"]) for one in states(desk)] == [("fleet", "halted")]
    desk("resume", "fleet")
    assert states(desk) == []
    assert desk("states").out == "everything is active\n"


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ("account:sampel", "expected a configured account, found 'sampel'; did you mean 'sample'?"),
        ("venue:onada", "expected a configured venue, found 'onada'; did you mean 'oanda'?"),
        ("strategy:brakeout", "expected a configured strategy, found 'brakeout'; did you mean 'breakout'?"),
        ("account:sample/instrument:EUR/UDS", "configured instrument, found 'EUR/UDS'; did you mean 'EUR/USD'?"),
        ("sampel", "expected fleet, venue:NAME, account:NAME"),
        ("sampel", "or a name, such as @GROUP for each account of a group, found 'sampel'; did you mean 'sample'?"),
        ("@onada", "found '@onada'; did you mean 'oanda'?"),
    ],
)
def test_a_name_that_nothing_has_is_refused_with_the_nearest(desk, scope, message):
    ended = desk("halt", scope)
    assert ended.code == 2
    assert message in ended.err
    assert states(desk) == []


@pytest.mark.usefixtures("ledger")
def test_a_broken_configuration_keeps_nobody_from_halting(desk, home):
    (home / "config" / "accounts.yaml").write_text("accounts: [")
    assert desk("halt", "fleet").code == 0
    assert desk("halt", "account:sample").code == 0
    assert [one["scope"] for one in states(desk)] == ["account:sample", "fleet"]


@pytest.mark.usefixtures("ledger")
def test_what_is_configured_no_more_can_be_lifted_and_not_be_halted(desk, fill):
    fill(lambda ledger: order(ledger, "account:gone"))
    assert desk("resume", "account:gone").code == 0
    assert states(desk) == []
    assert desk("halt", "account:gone").code == 2


async def order(ledger: Ledger, scope: str) -> None:
    await ledger.set_trading_state(scope, TradingState.HALTED, who="me", why="test")


@pytest.mark.usefixtures("ledger")
def test_until_is_a_length_or_a_time_to_come(desk):
    desk("halt", "fleet", "--until", "2h")
    until = datetime.fromisoformat(states(desk)[0]["until"])
    assert timedelta(minutes=119) < until - SystemClock().now() <= timedelta(hours=2)
    desk("halt", "fleet", "--until", "2100-01-01T00:00Z")
    assert states(desk)[0]["until"] == "2100-01-01T00:00:00+00:00"
    assert "expected a time to come" in desk("halt", "fleet", "--until", "2020-01-01").err
    assert "expected a time such as" in desk("halt", "fleet", "--until", "soon").err


@pytest.mark.usefixtures("ledger")
def test_a_file_halts_and_no_command_lifts_it(desk, home):
    (home / HALT_FILE).write_text("smoke in the server room")
    (found,) = states(desk)
    assert (found["scope"], found["state"], found["why"]) == ("fleet", "halted", "smoke in the server room")
    lines = desk("resume", "fleet").out.splitlines()
    assert lines[-1] == f"Take away first: the file {home / HALT_FILE}."
    assert "It stays stricter than that" in lines[1]
    assert "trading state is halted" in desk("status").out


@pytest.mark.usefixtures("ledger")
def test_a_strategy_cannot_be_flattened(desk):
    ended = desk("halt", "strategy:breakout", "--flatten")
    assert (ended.code, states(desk)) == (2, [])
    assert "at the venue a position has no strategy" in ended.err


@pytest.mark.usefixtures("ledger")
def test_flatten_says_of_every_account_of_the_scope_that_it_is_flat_and_the_audit_keeps_it(desk):
    ended = desk("halt", "venue:oanda", "--flatten", "--as", "ana", "--why", "fire drill")
    assert ended.code == 0
    assert ended.out.splitlines() == ["venue:oanda: halted", "sample: flat", "fresh: flat", "resting: flat"]
    assert ended.err.count("every order and position") == 3
    rows = desk("audit", "--json").json
    assert [(row["who"], row["action"]) for row in rows[:2]] == [("ana", "halted"), ("ana", "flatten begun")]
    assert sum(row["action"] == "flatten ended flat" for row in rows) == 3


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("word", "scopes"),
    [
        ("@majors", ["account:sample", "account:resting"]),
        ("majors", ["account:sample", "account:resting"]),
        ("@fresh", ["account:fresh"]),
        ("oanda", ["venue:oanda"]),
        ("@all", ["fleet"]),
        ("all", ["fleet"]),
    ],
)
def test_a_name_is_halted_reduced_and_resumed_as_what_it_stands_for(desk, grouped, word, scopes):
    for command, state in (("halt", "halted"), ("reduce", "reduce_only"), ("resume", "active")):
        ended = desk(command, word, "--why", "too wild")
        assert (ended.code, ended.out.splitlines()) == (0, [f"{scope}: {state}" for scope in scopes])
        in_force = [one["scope"] for one in states(desk)]
        assert in_force == ([] if command == "resume" else sorted(scopes))


@pytest.mark.usefixtures("ledger")
def test_an_account_of_a_group_that_cannot_be_halted_is_named_and_not_closed_and_the_others_are(desk, grouped, home):
    with sqlite3.connect(home / "desk.db") as other:
        other.execute(
            "CREATE TRIGGER resist BEFORE INSERT ON control WHEN NEW.scope = 'account:sample' "
            "BEGIN SELECT RAISE(ABORT, 'it resists'); END"
        )
    ended = desk("halt", "@majors", "--flatten")
    assert ended.code == 1
    assert ended.out.splitlines()[0] == "account:resting: halted"
    assert "account:sample: NOT KNOWN to be halted: " in ended.out
    assert "it resists" in ended.out
    assert ended.out.splitlines()[-1] == "resting: flat"
    assert [one["scope"] for one in states(desk)] == ["account:resting"]
    told = desk("halt", "@majors", "--json").json
    assert [one["scope"] for one in told["put"]] == ["account:resting"]
    assert [(one["scope"], one["state"], one["undone"]) for one in told["not_put"]] == [
        ("account:sample", "halted", False)
    ]
    assert desk("halt", "account:sample").code == 4


@pytest.mark.usefixtures("ledger")
def test_a_group_is_halted_by_the_last_good_configuration_while_the_files_are_broken(desk, grouped, home):
    LastGood(home, Path("config")).keep(read_files(Path("config")))
    (home / "config" / "accounts.yaml").write_text("accounts: [")
    assert desk("halt", "@majors").code == 0
    assert [one["scope"] for one in states(desk)] == ["account:resting", "account:sample"]


@pytest.mark.usefixtures("ledger")
def test_while_no_configuration_can_be_used_a_name_is_refused_with_what_halts_without_one(desk, grouped, home):
    (home / "config" / "accounts.yaml").write_text("accounts: [")
    ended = desk("halt", "@majors")
    assert ended.code == 2
    assert "expected fleet, venue:NAME, account:NAME" in ended.err
    assert "what a name stands for is not known while the configuration cannot be used" in ended.err


LIVE = """\
connections:
  practice: {kind: oanda, environment: practice, account_id: 101-001-1-001, secrets: {token: NO_SUCH_VARIABLE}}
feeds:
  oanda: {kind: venue, connection: practice}
venues:
  oanda: {maker_fee_bps: 0, taker_fee_bps: 0.5}
accounts:
  trader:
    venue: oanda
    mode: live
    feed: oanda
    currency: USD
    policy: balanced
    instruments: [EUR/USD]
    strategies: [{name: momentum_trading}]
    schedule: {every: 5m}
"""


@pytest.mark.usefixtures("ledger")
def test_an_account_that_cannot_be_flattened_is_named_and_the_halt_stays(desk, home):
    (home / "config" / "accounts.yaml").write_text(LIVE)
    ended = desk("halt", "account:trader", "--flatten", "--json")
    assert ended.code == 1
    assert "NO_SUCH_VARIABLE" in ended.json["left"]["trader"][0]
    assert [one["scope"] for one in states(desk) if one["who"] != "arming"] == ["account:trader"]
    lines = desk("halt", "account:trader", "--flatten").out.splitlines()
    assert lines[1] == "trader: NOT flat"
    assert "run the same command again" in lines[-1]


@pytest.mark.usefixtures("ledger")
def test_what_stops_a_strategy_for_good_is_not_given_an_end_by_a_later_halt(desk):
    scope = "account:sample/strategy:momentum_trading"
    desk("halt", scope)
    assert [one["until"] for one in desk("halt", scope, "--until", "2h", "--json").json["put"]] == [None]
    assert "until" not in desk("halt", scope, "--until", "2h").out
    assert states(desk)[0]["until"] is None


@pytest.mark.usefixtures("ledger")
def test_live_accounts_are_seen_to_be_held_back_while_the_configuration_is_broken(desk, home):
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(LIVE)
    LastGood(home, Path("config")).keep(read_files(Path("config")))
    accounts.write_text(LIVE.replace("mode: live", "mode: live\n    mod: live"))
    [held] = [one for one in states(desk) if one["who"] == "the configuration"]
    assert (held["scope"], held["state"]) == ("account:trader", "reduce_only")
    assert "accounts.yaml:11" in held["why"]
