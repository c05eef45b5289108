"""What the runs of a process share, per event loop, and what happens when the operator edits a file."""

import asyncio
import os

import pytest

from blocks.ledger import LedgerBlock
from blocks.resources import close_resources, resources
from desk.adapters.logs.events import log
from desk.adapters.logs.keeping import log_file
from desk.adapters.logs.reading import Wanted, newest_first
from desk.errors import ConfigError
from desk.model.books import Restriction, TradingState
from desk.model.scopes import Scope
from tests.console.conftest import POLICY
from tests.console.test_halting import LIVE


def edit(installation, old, new, *, file="accounts.yaml"):
    """Change a file; its time changes too, however coarse the clock of the file system is."""
    path = installation.config / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    later = path.stat().st_mtime + 1
    os.utime(path, (later, later))


async def test_an_event_loop_has_one_set_of_resources(installation):
    assert resources() is resources() is installation.opened


async def test_another_event_loop_has_its_own(installation):
    async def look():
        try:
            return resources()
        finally:
            await close_resources()

    theirs = await asyncio.to_thread(lambda: asyncio.run(look()))
    assert theirs is not resources()
    assert theirs.ledger.database is not resources().ledger.database


async def test_closed_resources_are_opened_again_on_the_next_use(installation):
    await close_resources()
    assert resources() is not installation.opened


async def test_closing_what_was_never_opened_is_no_error(installation):
    await close_resources()
    await close_resources()


async def test_the_configuration_is_read_once_while_no_file_changes(installation):
    assert resources().fleet() is resources().fleet()


@pytest.mark.parametrize("file", ["accounts.yaml", "policy.yaml"])
async def test_a_changed_file_is_read_again(installation, file):
    before = resources().fleet()
    edits = {
        "accounts.yaml": ("starting_cash: 100_000", "starting_cash: 50_000"),
        "policy.yaml": ("fraction: 0.005", "fraction: 0.004"),
    }
    edit(installation, *edits[file], file=file)
    after = resources().fleet()
    assert after.account("trader").config_version != before.account("trader").config_version


async def test_a_broken_file_is_refused_with_its_line_and_the_last_good_configuration_goes_on(installation, caplog):
    good = resources().fleet()
    edit(installation, "timeframe: M5", "timefrme: M5")

    assert resources().fleet() is good
    assert resources().fleet() is good

    [told] = [line for line in caplog.messages if "accounts.yaml:1" in line]
    assert "the configuration before it stays in force" in told
    assert "found 'timefrme'; did you mean 'timeframe'?" in told


async def test_a_correction_ends_the_refusal(installation):
    good = resources().fleet()
    edit(installation, "timeframe: M5", "timefrme: M5")
    resources().fleet()
    edit(installation, "timefrme: M5", "timeframe: M15")
    assert resources().fleet() is not good
    assert resources().fleet().account("trader").timeframe == "M15"


async def test_without_a_good_configuration_there_is_nothing_to_go_on_with(installation):
    edit(installation, "timeframe: M5", "timefrme: M5")
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"accounts\.yaml:1.*timefrme"):
            resources().fleet()


async def test_a_feed_that_changes_is_opened_anew(installation):
    before = resources().feed("trader")
    edit(installation, "seed: 7", "seed: 8")
    assert resources().feed("trader") is not before


async def test_what_is_held_back_for_want_of_a_configuration_is_refused_like_what_a_person_orders(installation):
    held = Restriction(TradingState.REDUCE_ONLY, "the configuration", "it is broken", Scope(account="trader"))
    ledger = LedgerBlock().open(held_back=lambda: (held,))
    assert held in await ledger.restrictions_in_force()
    assert "it is broken" in await ledger.objection(Scope("oanda", "trader", "breakout", "EUR/USD"))
    assert await ledger.objection(Scope("oanda", "other", "breakout", "EUR/USD")) == ""
    await ledger.close()


async def test_the_ledger_of_a_process_knows_who_is_held_back_while_the_files_are_broken(installation):
    (installation.config / "accounts.yaml").write_text(LIVE)
    (installation.config / "policy.yaml").write_text(POLICY)
    await close_resources()
    before = await resources().ledger.restrictions("trader", "oanda")
    assert [one.who for one in before] == ["arming"]
    edit(installation, "mode: live", "mode: live\n    mod: live")
    held = await resources().ledger.restrictions("trader", "oanda")
    assert [one.who for one in held] == ["the configuration", "arming"]


async def test_whatever_opens_resources_begins_the_log_of_its_process(installation):
    log.info("something happened")
    [entry] = newest_first(log_file(installation.home), Wanted())
    assert entry.event == "something happened"
