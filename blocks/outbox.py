"""The outbox of an installation: its addresses, the chats of its bot, and what its files say of messages."""

from blocks.configuration import KeptFleet
from blocks.notifier import NotifierBlock
from desk.accounts.messages import MessagesFile
from desk.adapters.clocks import SystemClock
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.notify.console import ConsoleNotifier
from desk.adapters.notify.outbox import Outbox
from desk.adapters.notify.targets import Target
from desk.adapters.notify.telegram import TelegramNotifier
from desk.adapters.settings import Settings
from desk.errors import ConfigError
from desk.model.messages import MessageKind

_LOG = Target("log", ConsoleNotifier())


def open_outbox(ledger: Ledger, configuration: KeptFleet, chosen: Settings) -> Outbox:
    """Return the outbox; addresses are looked at here, so that a wrong one is known before anything starts.

    Raises:
        ConfigError: an address is not one that Apprise knows.
    """
    addresses, besides = NotifierBlock().targets(), _besides(chosen)

    def terms() -> MessagesFile:
        try:
            return configuration.now().messages
        except ConfigError:  # that the files cannot be used is one of the things to tell
            return MessagesFile()

    def targets() -> tuple[Target, ...]:
        return (*((*addresses, *_chats(chosen, terms())) or (_LOG,)), *besides)

    return Outbox(ledger, targets, terms, SystemClock())


def _chats(chosen: Settings, terms: MessagesFile) -> tuple[Target, ...]:
    token, api = chosen.telegram_token, chosen.telegram_api
    if token is None:
        return ()
    return tuple(
        Target(f"telegram {chat.name}", TelegramNotifier(token, chat.id, api)) for chat in terms.chats if chat.messages
    )


def _besides(chosen: Settings) -> tuple[Target, ...]:
    if not chosen.escalate_urls:
        return ()
    # Apprise loads some hundred services when it is imported.
    from desk.adapters.notify.apprise import apprise_targets

    return apprise_targets(chosen.escalate_urls, "DESK_ESCALATE_URLS", kinds=frozenset({MessageKind.ESCALATION}))
