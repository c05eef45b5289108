"""Reads the fleet from its two files; finds every problem before anything starts and before any network call."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from desk.accounts.building import build_policy, config_version
from desk.accounts.checking import check
from desk.accounts.entry import Document, Entry, unknown
from desk.accounts.events import read_events
from desk.accounts.fleet import Fleet
from desk.accounts.folder import Folder
from desk.accounts.grouping import group_problems
from desk.accounts.inheriting import inheritance_problems, with_inheritance
from desk.accounts.messages import read_messages
from desk.accounts.portfolio import PORTFOLIO_FILE, read_portfolio
from desk.accounts.problems import Problem, raise_problems
from desk.accounts.protections import unfit_protections
from desk.accounts.references import Known, account_problems, feed_problems, instruments_for, policy_problems
from desk.accounts.spec import AccountEntry, AccountsFile, AccountSpec, PolicyFile, PolicySpec, VenueFeed
from desk.accounts.universe import UniverseFile, UniverseSpec, read_universes, universe_problems
from desk.accounts.values import format_duration
from desk.decide import Policy
from desk.model.cycle import Mode
from desk.registry import strategies

ACCOUNTS_FILE = "accounts.yaml"
POLICY_FILE = "policy.yaml"


def load_fleet(
    directory: Path,
    *,
    catalogue: Collection[str] | None = None,
    is_described: Callable[[str, Path], bool] = lambda _instrument, _path: False,
    instead: Mapping[str, str | None] | None = None,
) -> Fleet:
    """Read and check `accounts.yaml` and `policy.yaml`, and where they are `events.yaml`, `universe.yaml` and so on.

    Args:
        directory: the folder of both files.
        catalogue: the instruments that feeds know; without it any instrument that is spelled like one is taken.
        is_described: whether a candle file says how its instrument is traded, so that no catalogue need know it.
        instead: texts to read in place of files, by file name: what they are about to be, or were; None for no file.

    Raises:
        ConfigError: what is wrong, a line for every problem: file, line, key, what was expected, what was found, and
            the nearest valid name.
    """
    folder = Folder(directory, instead or {})
    accounts = _with_defaults(folder.read(ACCOUNTS_FILE, "the accounts of the fleet"))
    policies = folder.read(POLICY_FILE, "the policies of the fleet")
    known = Known(
        connections=_section(accounts.top, "connections"),
        feeds=_section(accounts.top, "feeds"),
        venues=_section(accounts.top, "venues"),
        policies=_section(policies.top, "policies") if policies.top else None,
        catalogue=catalogue,
        is_described=is_described,
        directory=directory,
    )
    names = _section(accounts.top, "accounts")
    universe_file, universes, universe_errors = read_universes(folder)
    for account in names.values():
        universe_errors.extend(universe_problems(account, universes, instruments_for(account, known)))
    accounts_file, account_errors = _checked_accounts(accounts, known)
    policy_file, policy_errors = _checked_policies(policies, names)
    events, event_errors = read_events(folder)
    portfolio, portfolio_errors = read_portfolio(folder, names)
    messages, message_errors = read_messages(folder)
    others = (*event_errors, *universe_errors, *portfolio_errors, *message_errors)
    raise_problems([*account_errors, *policy_errors, *others])
    assert accounts_file is not None, accounts
    assert policy_file is not None, policies
    fleet = _completed(directory, accounts_file, policy_file, universe_file, names)
    fleet = replace(fleet, events=events, portfolio=portfolio, messages=messages)
    raise_problems(_stray_targets(fleet))
    return fleet


def _with_defaults(document: Document) -> Document:
    """The document with `defaults` in every account; a problem of a default is told once, where it stands."""
    defaults = _section(document.top, "defaults")
    accounts = document.top.child("accounts") if document.top else None
    if document.top is None or accounts is None or not isinstance(accounts.value, Mapping):
        return document
    filled = {name: _filled(account, defaults) for name, account in accounts.children.items()}
    top = {**document.top.children, "accounts": replace(accounts, value=filled)}
    return Document(replace(document.top, value=top), document.problems)


def _filled(account: Entry, defaults: Mapping[str, Entry]) -> Entry:
    return replace(account, value={**defaults, **account.value}) if isinstance(account.value, Mapping) else account


def _section(top: Entry | None, name: str) -> Mapping[str, Entry]:
    section = top.child(name) if top else None
    return section.children if section else {}


def _checked_accounts(document: Document, known: Known) -> tuple[AccountsFile | None, list[Problem]]:
    if document.top is None:
        return None, list(document.problems)
    file, problems = check(AccountsFile, document.top)
    references = [problem for feed in known.feeds.values() for problem in feed_problems(feed, known)]
    accounts = _section(document.top, "accounts")
    for account in accounts.values():
        references.extend(account_problems(account, known))
    references.extend(group_problems(accounts))
    return file, [*document.problems, *_untold(problems, references), *references]


def _checked_policies(document: Document, accounts: Mapping[str, Entry]) -> tuple[PolicyFile | None, list[Problem]]:
    if document.top is None:
        return None, list(document.problems)
    completed = with_inheritance(document).top
    assert completed is not None, document
    file, problems = check(PolicyFile, completed)
    policies, overrides = (_section(document.top, section) for section in ("policies", "overrides"))
    defaults = document.top.child("defaults")
    references = [
        problem
        for policy in (*([defaults] if defaults else []), *policies.values(), *overrides.values())
        for problem in policy_problems(policy)
    ]
    references.extend(inheritance_problems(policies))
    for name, entry in overrides.items() if accounts else ():
        references.extend(unknown(name, accounts, "the name of an account", entry))
    return file, [*document.problems, *_untold(problems, references), *references]


def _untold(problems: Iterable[Problem], references: Iterable[Problem]) -> list[Problem]:
    """The problems without those whose value is unknown as well: the nearest name says more than a rule of spelling."""
    told = {problem.key for problem in references}
    return [problem for problem in problems if problem.key not in told]


def _completed(
    directory: Path,
    accounts_file: AccountsFile,
    policy_file: PolicyFile,
    universe_file: UniverseFile | None,
    places: Mapping[str, Entry],
) -> Fleet:
    universes = universe_file.universes if universe_file else {}
    accounts = {
        name: _account(name, entry, accounts_file, universes.get(entry.universe or ""))
        for name, entry in accounts_file.accounts.items()
    }
    policies = {name: _policy(account, policy_file) for name, account in accounts.items()}
    raise_problems(
        problem
        for name, account in accounts.items()
        for problem in unfit_protections(policies[name].protections, account.timeframe, places[name])
    )
    built = {
        name: build_policy(account, policies[name], universe=universes.get(account.universe or ""))
        for name, account in accounts.items()
    }
    raise_problems(problem for name, policy in built.items() for problem in _strategy_problems(policy, places[name]))
    fleet = Fleet(
        directory=directory,
        accounts=accounts,
        connections=accounts_file.connections,
        feeds=accounts_file.feeds,
        venues=accounts_file.venues,
        policies=policies,
        warnings=tuple(
            str(warning) for name in accounts for warning in _warnings(accounts[name], policies[name], places[name])
        ),
        currency=accounts_file.fleet_currency,
        rates=accounts_file.fleet_rates,
        universes=universes,
        policy_names=tuple(policy_file.policies),
    )
    raise_problems([*_shared_books(fleet, places), *_other_worlds(fleet, places)])
    return replace(fleet, accounts={name: _versioned(fleet, account) for name, account in accounts.items()})


def _account(name: str, entry: AccountEntry, file: AccountsFile, universe: UniverseSpec | None) -> AccountSpec:
    """The account with what follows from what is written; the rules of its universe are a strategy of it."""
    late_after = entry.late_after or entry.timeframe.duration
    feed = file.feeds[entry.feed]
    connection = entry.connection or (feed.connection if isinstance(feed, VenueFeed) else None)
    completed: dict[str, object] = {"name": name, "late_after": late_after, "connection": connection}
    if universe is not None:
        completed["strategies"] = (*entry.strategies, *universe.strategies())
    written = {key: getattr(entry, key) for key in entry.model_fields_set}
    return AccountSpec.model_validate({**written, **completed})


def _policy(account: AccountSpec, file: PolicyFile) -> PolicySpec:
    policy, override = file.policies[account.policy], file.overrides.get(account.name)
    return override.applied_to(policy) if override else policy


def _versioned(fleet: Fleet, account: AccountSpec) -> AccountSpec:
    return account.model_copy(update={"config_version": config_version(fleet, account.name)})


def _strategy_problems(policy: Policy, account: Entry) -> Iterator[Problem]:
    yield from _warm_up_problems(policy, account)
    yield from _timeframe_problems(policy, account)


def _timeframe_problems(policy: Policy, account: Entry) -> Iterator[Problem]:
    """Every strategy that reads candles shorter than the account's, which confirm nothing."""
    place = account.child("timeframe") or account
    for strategy in (entry.strategy for entry in policy.strategies):
        shortest = min(strategy.reads, key=lambda timeframe: timeframe.seconds, default=policy.timeframe)
        if shortest.seconds < policy.timeframe.seconds:
            reads = " and ".join(strategy.reads)
            needed = f"{shortest} or a shorter timeframe, since {strategy.name} reads {reads} beside it"
            yield place.problem(f"expected {needed}, found {policy.timeframe}")


def _warm_up_problems(policy: Policy, account: Entry) -> Iterator[Problem]:
    place = account.child("lookback") or account
    for needy in (entry.strategy for entry in policy.strategies if entry.strategy.warm_up >= policy.lookback):
        needed = f"more than {needy.warm_up} candles, which {needy.name} needs to warm up"
        yield place.problem(f"expected {needed}, found a lookback of {policy.lookback}")
    if policy.regimes is not None and policy.regimes.warm_up > policy.lookback:
        needed = f"{policy.regimes.warm_up} candles or more, which the regimes of its policy need"
        yield place.problem(f"expected {needed}, found a lookback of {policy.lookback}")


def _shared_books(fleet: Fleet, places: Mapping[str, Entry]) -> Iterator[Problem]:
    """Every live account whose venue gives it the fills and positions of another one as well."""
    owners: dict[object, str] = {}
    for name, account in fleet.accounts.items():
        connection = fleet.connection_of(name) if account.mode is Mode.LIVE else None
        if connection is None:
            continue
        owner = owners.setdefault(fleet.venue_account_of(name), name)
        if owner != name:
            place = places[name].child("account_id") or places[name].child("connection") or places[name]
            where = f"{connection.kind} {connection.environment}"
            yield place.problem(
                f"expected one live account for each account at a venue, found '{owner}' at {where} already; "
                "give one of the two another account there, or one account both instruments"
            )


def _other_worlds(fleet: Fleet, places: Mapping[str, Entry]) -> Iterator[Problem]:
    """Every live account that would decide on other prices than it trades at."""
    for name, account in fleet.accounts.items():
        connection, feed = fleet.connection_of(name), fleet.feed_of(name)
        if account.mode is not Mode.LIVE or connection is None:
            continue
        source = fleet.connections[feed.connection] if isinstance(feed, VenueFeed) else None
        if source is None or source.world != connection.world:
            place = places[name].child("feed") or places[name]
            expected = f"a feed of kind venue at {connection.kind} {connection.environment}, where the account trades"
            found = f"{source.kind} {source.environment}" if source else f"kind {feed.kind}"
            yield place.problem(f"expected {expected}, found {found}; live orders need the prices that they meet")


def _stray_targets(fleet: Fleet) -> Iterator[Problem]:
    """A problem where money would be counted together that is not of one kind: play money and real money."""
    names = () if fleet.portfolio is None else tuple(fleet.portfolio.targets)
    if not fleet.are_of_one_world(names):
        expected = "accounts of one mode, one kind of money and one clock"
        place = str(fleet.directory / PORTFOLIO_FILE)
        yield Problem(place, 0, "targets", f"expected {expected}, found {', '.join(names)}")


def _warnings(account: AccountSpec, policy: PolicySpec, entry: Entry) -> Iterator[Problem]:
    gap = account.schedule.shortest_gap
    if gap < account.timeframe.duration:
        place = entry.child("schedule") or entry
        expected = f"a scan for each {account.timeframe} candle at most"
        yield place.problem(
            f"expected {expected}, found one every {format_duration(gap)}; the others find nothing to do"
        )
    yield from _earlier_names(entry)
    if account.mode is Mode.LIVE and policy.breaker is None:
        place = entry.child("policy") or entry
        yield place.problem("expected a policy with a breaker, since the account is live, found none; no loss stops it")


def _earlier_names(account: Entry) -> Iterator[Problem]:
    listed = account.child("strategies")
    for name in (strategy.child("name") for strategy in (listed.items if listed else ())):
        if name is not None and isinstance(name.value, str):
            present = strategies().present_name(name.value)
            if present != name.value:
                yield name.problem(f"expected '{present}', the present name, found '{name.value}', an earlier one")
