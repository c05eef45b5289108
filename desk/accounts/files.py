"""The files of a configuration, what each may hold, and in which of them a key is."""

from collections.abc import Mapping

from desk.accounts.base import Spec
from desk.accounts.editing.paths import KeyPath
from desk.accounts.events import EVENTS_FILE, EventsFile
from desk.accounts.loading import ACCOUNTS_FILE, POLICY_FILE
from desk.accounts.messages import MESSAGES_FILE, MessagesFile
from desk.accounts.portfolio import PORTFOLIO_FILE, PortfolioFile
from desk.accounts.problems import suggestion
from desk.accounts.spec import AccountsFile, PolicyFile
from desk.accounts.universe import UNIVERSE_FILE, UniverseFile
from desk.errors import ConfigError

FILES: Mapping[str, type[Spec]] = {
    ACCOUNTS_FILE: AccountsFile,
    POLICY_FILE: PolicyFile,
    UNIVERSE_FILE: UniverseFile,
    EVENTS_FILE: EventsFile,
    PORTFOLIO_FILE: PortfolioFile,
    MESSAGES_FILE: MessagesFile,
}

NAMED = frozenset({"accounts", "feeds", "connections", "policies", "universes"})
"""Keys below which an operator gives names: a key below a name that nothing has is a mistake, and no new thing."""


def place_of(text: str) -> tuple[str, KeyPath]:
    """Return the file that a path is of, and the path in it.

    Args:
        text: a path such as `accounts.oanda-swing.timeframe`; with the file and a colon before it where two files have
            its first key, `policy.yaml:defaults.costs`.

    Raises:
        ConfigError: it is no path, or no file has such a key; the message gives the nearest.
    """
    file, colon, rest = text.partition(":")
    if not (colon and file.endswith(".yaml")):
        return _file_with(KeyPath.parse(text))
    if file not in FILES:
        raise ConfigError(f"expected a file of the configuration, found '{file}'{suggestion(file, FILES)}")
    return file, KeyPath.parse(rest)


def _file_with(path: KeyPath) -> tuple[str, KeyPath]:
    first = path.steps[0]
    having = [file for file, spec in FILES.items() if first in spec.model_fields]
    if len(having) == 1:
        return having[0], path
    if having:
        raise ConfigError(f"expected the file before the path, {' or '.join(f'{file}:{path}' for file in having)}")
    known = {key for spec in FILES.values() for key in spec.model_fields}
    raise ConfigError(f"expected a path that begins with a key of a file, found '{first}'{suggestion(first, known)}")
