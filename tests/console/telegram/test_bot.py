"""The bot without a network: what is typed is answered by the services, to whom it may be, and nothing twice."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from console.telegram.acting import DEEDS
from console.telegram.bot import Reply
from console.telegram.looking import LOOKS
from desk.adapters.logs.keeping import log_file
from desk.errors import LedgerError
from desk.model.books import TradingState
from desk.model.messages import MessageKind
from desk.model.scopes import Scope
from desk.ports import Message
from tests.bot_api import ANN, CHAT
from tests.builders import CLOSE
from tests.console.stories import failed, traded_often
from tests.console.telegram.conftest import BEN, CLEO, GROUP, GUEST, Chat
from tests.console.test_logs import line


async def test_the_state_of_every_account_is_two_lines_each_and_a_third_for_what_is_wrong(chat: Chat) -> None:
    told = (await chat.ask("/status")).text
    assert "🔴 <b>sample</b> traded" in told  # it was scanned in January, and nobody runs it now
    assert "\na scan was due at 20" in told
    assert "10,012.34 USD, today +12.24 USD, 1 open" in told
    assert "🟢 <b>fresh</b> never scanned\n⚪ <b>resting</b> never scanned" in told
    await failed(chat.ledger)
    wrong = (await chat.ask("/status @sample")).text.splitlines()
    assert wrong[0].startswith("🔴 <b>sample</b> failed")
    assert wrong[2].startswith("a scan was due at ")
    assert wrong[2].partition("begun; ")[2].startswith("failed: VenueUnavailable: oanda: candles failed: no answer")
    assert "fresh" not in "".join(wrong)


ANSWERS = (
    ("/accounts @sample", "<b>sample</b> · oanda · paper\nM5 momentum_trading"),
    ("/profit @sample", "<b>sample</b> +0.00 USD, no closed trades"),
    ("/profit all", "Together +0.00 USD"),
    ("/balance @sample", "<b>sample</b> 10,012.34 USD\n  +100 EUR/USD at 1.1"),
    ("/trades @sample", "<b>sample</b>\nEUR/USD: trade so far: long 100 from 1.1"),
    ("/trades @fresh", "No trades yet."),
    ("/performance", "No closed trades yet."),
    ("/daily @sample 2", "<b>sample</b>\n01-14 +0.00 USD, 0 closed\n01-13 +0.00 USD, 0 closed"),
    ("/risk @sample", "<b>sample</b> exposed 110.00 USD of 10,012.34 USD"),
    ("/why @sample", "<b>XAU/USD</b>"),
    ("/why @sample XAU/USD", "refused"),
    ("/cycle @sample", "UTC, traded"),
    ("/logs", "Nothing was logged of that."),
    ("/messages", "Nobody was told anything yet."),
    ("/health", "🟢 <b>configuration</b>: it can be used as it is written"),
    ("/help", "/forceexit: close everything at the venue"),
)


async def test_every_question_has_its_answer(chat: Chat) -> None:
    for typed, expected in ANSWERS:
        assert expected in (await chat.ask(typed)).text, typed


def test_every_command_of_the_bot_is_one_of_these() -> None:
    looks = {"status", "accounts", "profit", "balance", "trades", "performance", "daily", "risk", "why", "cycle"}
    assert LOOKS.keys() == looks | {"logs", "messages", "health"}
    assert DEEDS.keys() == {"pause", "resume", "halt", "forceexit", "reload"}


async def test_the_risk_has_how_much_of_each_limit_of_the_breaker_is_used(chat: Chat, story) -> None:
    policy = story / "config" / "policy.yaml"
    policy.write_text(f"{policy.read_text()}    breaker: {{daily_loss_fraction: 0.03}}\n")
    await chat.ask("/halt @fresh too wild")
    told = (await chat.ask("/risk @sample")).text.splitlines()
    assert told[0] == "<b>account:fresh</b> halted by telegram ann (Ann 7): too wild"
    assert told[2:] == ["  daily_loss_fraction 0 of 0.03"]


async def test_days_are_added_up_over_accounts_of_a_currency_and_wins_are_counted(chat: Chat) -> None:
    await traded_often(chat.ledger, ("90", "-40"), account="fresh")
    assert (await chat.ask("/daily 1")).text == "<b>all</b>\n01-14 +50.00 USD, 2 closed"
    assert (await chat.ask("/daily @fresh 1")).text == "<b>fresh</b>\n01-14 +50.00 USD, 2 closed"
    assert (await chat.ask("/daily @sample 1")).text == "<b>sample</b>\n01-14 +0.00 USD, 0 closed"
    assert (await chat.ask("/profit")).text == "<b>fresh</b> +50.00 USD, 1 of 2 won\nTogether +50.00 USD"
    assert (await chat.ask("/performance")).text == "<b>fresh</b>\nEUR/USD +50.00 USD, 1 of 2 won"


async def test_health_has_each_part_of_the_desk_the_worst_first_and_what_in_it_is_not_well(chat: Chat, story) -> None:
    await failed(chat.ledger)
    told = (await chat.ask("/health")).text.splitlines()
    signs = [line[0] for line in told if not line.startswith(" ")]
    assert signs == sorted(signs, key="🔴🟡❔🟢⚪".index)
    assert {"🔴", "🟢", "⚪"} <= set(signs)
    (accounts,) = [line for line in told if "<b>accounts</b>" in line]
    assert accounts.startswith("🔴 <b>accounts</b> since 2026-01-14 15:")
    below = told[told.index(accounts) + 1 :][:2]
    assert below[0].startswith("  🔴 <b>sample</b> ")
    assert below[1] == "  ❔ <b>fresh</b> it was never scanned"
    assert "resting" not in "".join(told)
    assert any(line.startswith("🔴 <b>prefect_server</b> since ") for line in told)
    assert any(line.startswith("🟢 <b>database</b>: ") for line in told)


@pytest.fixture
def logged(story: Path) -> Path:
    path = log_file(story)
    path.parent.mkdir()
    path.write_bytes(
        line("worker started")
        + line("stage ended", account="sample", stage="fetch_candles", seconds=0.5)
        + line("cycle ended", "error", account="fresh", exception="Traceback\n  at <x>\nValueError: a <b> broke")
        + line("a stream\nis quiet", "warning", account="resting", why="none " * 100)
    )
    return path


async def test_the_log_is_told_newest_first_with_its_level_and_its_account(chat: Chat, logged: Path) -> None:
    told = (await chat.ask("/logs")).text.splitlines()
    assert told[0].startswith("01-14 15:00:01 warning <b>resting</b> a stream is quiet why=none none")
    assert told[0].endswith(" …")
    assert told[1:] == [
        "01-14 15:00:01 error <b>fresh</b> cycle ended: ValueError: a &lt;b&gt; broke",
        "01-14 15:00:01 info <b>sample</b> stage ended stage=fetch_candles seconds=0.5",
        "01-14 15:00:01 info worker started",
    ]
    assert (await chat.ask("/logs all 2")).text.splitlines() == told[:2]


async def test_of_an_account_or_a_venue_the_log_is_told_of_those_alone(chat: Chat, logged: Path) -> None:
    assert "stage ended" in (await chat.ask("/logs @sample")).text
    assert "fresh" not in (await chat.ask("/logs @sample")).text
    assert len((await chat.ask("/logs @oanda")).text.splitlines()) == 3
    assert (await chat.ask("/logs @oanda 1")).text.startswith("01-14 15:00:01 warning <b>resting</b>")


MISTAKES = (
    ("/stauts", "expected a command, found '/stauts'; did you mean '/status'?"),
    ("/status @sampel", "expected an account, a group, a venue or all, found 'sampel'; did you mean 'sample'?"),
    ("/why", "expected one account, such as /why @sample"),
    ("/logs @sampel", "did you mean 'sample'?"),
    ("/logs 51", "expected a number from 1 to 50, found '51'"),
    ("/daily 0", "expected a number from 1 to 60, found '0'"),
    ("/why @fresh", "fresh was never scanned; run `desk up`, or `desk scan fresh`"),
    ("/halt @nowhere", "expected an account, a group, a venue or all"),
    ("/forceexit", "expected what to close"),
    ("/status @<b>", "found '&lt;b&gt;'"),
)


async def test_what_cannot_be_understood_is_answered_with_what_was_expected(chat: Chat) -> None:
    for typed, expected in MISTAKES:
        assert expected in (await chat.ask(typed)).text, typed


async def test_in_a_group_the_name_of_the_bot_is_no_account_and_other_talk_is_none_of_its_business(chat: Chat) -> None:
    assert "<b>sample</b>" in (await chat.ask("/status@desk_bot @sample", chat=GROUP)).text
    assert await chat.hear("shall we halt it?", chat=GROUP) is None


async def test_strangers_are_not_answered_and_are_logged_once_without_what_they_said(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for _ in range(3):
        assert await chat.hear("/status secret words", chat=666) is None
    assert await chat.hear("/status", chat=GROUP, user=BEN) is None
    assert [record.getMessage() for record in caplog.records] == [
        f"a stranger is not answered: chat 666, user {ANN}",
        f"a stranger is not answered: chat {GROUP}, user {BEN}",
    ]


async def test_who_may_only_read_changes_nothing_and_is_not_offered_to(chat: Chat) -> None:
    for command in DEEDS:
        told = (await chat.ask(f"/{command} @sample", chat=GUEST)).text
        assert told.startswith("expected the right '"), told
    assert "/halt" not in (await chat.ask("/help", chat=GUEST)).text
    assert await chat.ledger.restrictions_in_force() == ()
    assert (await chat.ask("/reload", chat=GROUP)).text.startswith("expected the right 'admin', found 'trade'")


async def test_a_halt_holds_at_once_with_who_and_why_and_a_resume_asks_first(chat: Chat) -> None:
    assert (await chat.ask("/halt @sample odd orders")).text == "<b>account:sample</b> halted"
    (halted,) = await chat.ledger.restrictions_in_force()
    assert (halted.scope, halted.who, halted.why) == (Scope(account="sample"), "telegram ann (Ann 7)", "odd orders")
    question = await chat.ask("/resume @sample")
    assert len(await chat.ledger.restrictions_in_force()) == 1
    assert await chat.press(question) == Reply("<b>account:sample</b> active")
    assert await chat.ledger.restrictions_in_force() == ()
    who = {(entry.who, entry.action) for entry in await chat.ledger.audit_entries(newest=2)}
    assert {name for name, _ in who} == {"telegram ann (Ann 7)"}


async def test_a_pause_of_a_venue_or_of_all_reduces_only(chat: Chat) -> None:
    assert (await chat.ask("/pause @oanda")).text == "<b>venue:oanda</b> reduce_only"
    assert (await chat.ask("/pause all")).text == "<b>fleet</b> reduce_only"


async def test_a_group_stands_for_its_accounts_one_by_one(chat: Chat, grouped: Path) -> None:
    assert "fresh" not in (await chat.ask("/status @majors")).text
    assert "<b>resting</b> · oanda · dry_run, off · majors" in (await chat.ask("/accounts @majors")).text
    halted = "<b>account:sample</b> halted\n<b>account:resting</b> halted"
    assert (await chat.ask("/halt @majors too wild")).text == halted
    in_force = {(str(one.scope), one.why) for one in await chat.ledger.restrictions_in_force()}
    assert in_force == {("account:sample", "too wild"), ("account:resting", "too wild")}
    question = await chat.ask("/resume @majors")
    assert question.text.startswith("Resume <b>account:sample</b>, <b>account:resting</b>?")
    assert (await chat.press(question)).text == "<b>account:sample</b> active\n<b>account:resting</b> active"
    assert await chat.ledger.restrictions_in_force() == ()
    part = (await chat.ask("/forceexit @majors eur/usd")).text
    assert "<b>account:sample/instrument:EUR/USD</b>, <b>account:resting/instrument:EUR/USD</b>" in part
    assert "@GROUP" in (await chat.ask("/help")).text


async def test_a_group_is_closed_account_by_account(chat: Chat, story: Path) -> None:
    accounts = story / "config" / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("  fresh:\n", "  fresh:\n    group: young\n"))
    assert (await chat.press(await chat.ask("/forceexit @young"))).text == "<b>fresh</b> flat"
    (reduced,) = await chat.ledger.restrictions_in_force()
    assert (str(reduced.scope), reduced.state) == ("account:fresh", TradingState.REDUCE_ONLY)


async def test_an_account_of_a_group_that_cannot_be_halted_keeps_no_other_from_it(chat: Chat, grouped: Path) -> None:
    put = chat.ledger.set_trading_state

    async def failing(scope: str, *words: object, **more: object) -> object:
        if scope == "account:sample":
            raise LedgerError("the disk is full")
        return await put(scope, *words, **more)  # type: ignore[arg-type]

    chat.ledger.set_trading_state = failing  # type: ignore[method-assign, assignment]
    told = (await chat.ask("/halt @majors")).text
    assert told == "<b>account:sample</b> NOT KNOWN to be halted\nthe disk is full\n<b>account:resting</b> halted"
    assert [str(one.scope) for one in await chat.ledger.restrictions_in_force()] == ["account:resting"]


async def test_an_account_of_a_group_that_cannot_be_reduced_keeps_no_other_from_being_closed(
    chat: Chat, grouped: Path
) -> None:
    put = chat.ledger.set_trading_state

    async def failing(scope: str, *words: object, **more: object) -> object:
        if scope == "account:resting":
            raise LedgerError("the disk is full")
        return await put(scope, *words, **more)  # type: ignore[arg-type]

    chat.ledger.set_trading_state = failing  # type: ignore[method-assign, assignment]
    told = (await chat.press(await chat.ask("/forceexit @majors"))).text
    missing = "<b>account:resting</b> NOT KNOWN to be reduce_only, and nothing of it closed\nthe disk is full\n"
    assert told.startswith(missing)
    assert "<b>sample</b>" in told
    assert "<b>resting</b>" not in told
    begun = [entry.subject for entry in await chat.ledger.audit_entries() if entry.action == "flatten begun"]
    assert begun == ["account:sample"]


async def test_what_is_closed_may_only_be_reduced_until_somebody_resumes_it(chat: Chat) -> None:
    question = await chat.ask("/forceexit @fresh")
    assert (
        question.text == "Close everything of <b>account:fresh</b> at the venue? It opens nothing more until /resume."
    )
    assert await chat.ledger.restrictions_in_force() == ()
    assert (await chat.press(question)).text == "<b>fresh</b> flat"
    (reduced,) = await chat.ledger.restrictions_in_force()
    assert (str(reduced.scope), reduced.state) == ("account:fresh", TradingState.REDUCE_ONLY)
    assert "account:fresh/instrument:EUR/USD" in (await chat.ask("/forceexit @fresh eur/usd")).text
    assert "instrument:EUR/USD" in (await chat.ask("/forceexit all EUR/USD")).text
    done = {(entry.who, entry.action) for entry in await chat.ledger.audit_entries()}
    assert ("telegram ann (Ann 7)", "flatten ended flat") in done


async def test_a_button_works_once_for_who_asked_and_for_a_minute(chat: Chat) -> None:
    over = "That button is somebody else's"
    question = await chat.ask("/resume", chat=GROUP)
    assert await chat.press(question, chat=GROUP, user=BEN) is None
    assert over in (await chat.press(question, chat=GROUP, user=CLEO)).text
    assert over in (await chat.press(question)).text
    assert (await chat.press(question, chat=GROUP)).text == "<b>fleet</b> active"
    assert over in (await chat.press(question, chat=GROUP)).text
    late = await chat.ask("/resume")
    chat.clock.forward(timedelta(minutes=1))
    assert over in (await chat.press(late)).text


async def test_who_has_lost_the_right_since_the_question_changes_nothing(chat: Chat, story) -> None:
    await chat.ask("/halt")
    question = await chat.ask("/resume")
    written = story / "config" / "messages.yaml"
    written.write_text(written.read_text().replace("rights: admin", "rights: read"))
    assert (await chat.press(question)).text.startswith("expected the right 'trade', found 'read'")
    written.write_text(written.read_text().replace(f"id: {CHAT}", "id: 1"))
    assert await chat.hear("/status") is None
    assert len(await chat.ledger.restrictions_in_force()) == 1


async def test_what_was_typed_while_the_bot_was_away_is_not_done(chat: Chat) -> None:
    told = await chat.ask("/halt", at=CLOSE - timedelta(minutes=3))
    assert told.text.startswith("This came too late to be done")
    assert await chat.ledger.restrictions_in_force() == ()
    assert "<b>sample</b>" in (await chat.ask("/status", at=CLOSE - timedelta(hours=3))).text


async def test_reloading_says_whether_the_files_can_be_used_at_the_moment_of_the_button(chat: Chat, story) -> None:
    question = await chat.ask("/reload")
    accounts = story / "config" / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("momentum_trading", "momentum_tradng"))
    told = (await chat.press(question)).text
    assert told.startswith("The files cannot be used; what was in force before stays so.")
    assert "did you mean 'momentum_trading'" in told
    assert "🟡 <b>configuration</b>" in (await chat.ask("/health")).text
    (entry,) = await chat.ledger.audit_entries(newest=1)
    assert (entry.who, entry.action, entry.detail) == (
        "telegram ann (Ann 7)",
        "configuration read",
        {"outcome": "cannot be used"},
    )


async def test_a_long_answer_comes_in_pages_at_the_touch_of_a_button(chat: Chat) -> None:
    body = "\n".join(f"line {number} of <many>" for number in range(400))
    await chat.ledger.post(Message("gold: news", body, kind=MessageKind.WATCH), ["log"], CLOSE)
    seen, reply = [], await chat.ask("/messages")
    while reply.buttons:
        seen.append(reply.text)
        reply = await chat.press(reply)
    seen.append(reply.text)
    assert len(seen) == 3
    assert all(len(text) < 4096 for text in seen)
    lines = "\n".join(seen).splitlines()
    assert lines[1:] == [f"line {number} of &lt;many&gt;" for number in range(400)]


async def test_an_answer_that_fails_is_said_to_have_and_the_log_has_why(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(**_words: object) -> None:
        raise ZeroDivisionError("of ours")

    chat.ledger.told = broken  # type: ignore[method-assign]
    assert (await chat.ask("/messages")).text.startswith("Something failed here")
    assert "ZeroDivisionError: of ours" in caplog.text
