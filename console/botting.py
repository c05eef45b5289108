"""Runs the fleet's Telegram bot until Ctrl-C."""

import asyncio
import importlib.util
import logging
import signal
import sys

from console.services.opening import FleetFiles, open_ledger
from console.showing import print_json, print_line
from desk.adapters.clocks import SystemClock
from desk.adapters.settings import Settings, settings
from desk.errors import ConfigError

_EXTRA = "the extra `telegram` is not installed: pip install 'scandesk[telegram]'"


def run_bot(*, as_json: bool) -> int:
    """Answer in the chats of messages.yaml; return 0 after Ctrl-C.

    Raises:
        ConfigError: there is no token or nobody who may talk to the bot, or the library is not installed.
        LedgerError: the ledger cannot be used.
    """
    chosen = settings()
    if missing := why_no_bot(chosen):
        raise ConfigError(missing)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(_listen(chosen, as_json=as_json))
    return 0


def why_no_bot(chosen: Settings) -> str:
    """Return what a bot lacks; empty where it lacks nothing."""
    if chosen.telegram_token is None:
        return "DESK_TELEGRAM_TOKEN: expected the token of a bot, found none; @BotFather gives one"
    return "" if importlib.util.find_spec("telegram") else _EXTRA


async def _listen(chosen: Settings, *, as_json: bool) -> None:
    from console.services.health.prefect import prefect_api
    from console.services.health.survey import survey_of
    from console.serving import pages_of_prefect
    from console.telegram.bot import Bot
    from console.telegram.polling import poll

    files, clock, stop = FleetFiles(chosen), SystemClock(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    chats = files.current().messages.chats
    if not chats:
        raise ConfigError(
            f"{chosen.config / 'messages.yaml'}: expected telegram.chats, who may talk to the bot, found none"
        )
    assert chosen.telegram_token is not None, "asked before"
    survey = survey_of(chosen, files.in_force, clock, prefect_api(pages_of_prefect()))
    async with open_ledger(chosen, files.in_force) as ledger:
        _announce([chat.name for chat in chats], as_json=as_json)
        bot = Bot(files, ledger, clock, chosen=chosen, survey=survey)
        await poll(bot, chosen.telegram_token, chosen.telegram_api, stop)


def _announce(names: list[str], *, as_json: bool) -> None:
    if as_json:
        print_json({"chats": names})
    else:
        print_line(f"The bot answers {', '.join(names)}. Ctrl-C ends it.")
    sys.stdout.flush()  # whoever reads it from a pipe or a log must not wait until it is over
