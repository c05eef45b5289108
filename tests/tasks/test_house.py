"""The house style of a task: what Prefect is told about it, and what comes of that in a real flow run."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from prefect import State, Task

import tasks
from desk.errors import AccessDenied, DataError, OutcomeUnknown, RateLimited, VenueUnavailable
from desk.model.cycle import CycleKey
from tasks.house import READ_RETRIES, desk_task
from tests.flows.installation import CLOSE

KEY = CycleKey("trader", CLOSE)
READS = {"choose_instruments", "fetch_candles", "take_snapshot", "repair_books"}
KEPT = {"fetch_candles", "place_orders"}
TASKS = {*READS, *KEPT, "compute_signals", "propose_trades", "risk_check"} | {"protect_rest", "record_cycle", "notify"}


def every_task() -> dict[str, Task]:
    modules = [importlib.import_module(f"tasks.{found.name}") for found in pkgutil.iter_modules(tasks.__path__)]
    return {value.name: value for module in modules for value in vars(module).values() if isinstance(value, Task)}


def test_every_task_has_the_name_of_its_function():
    assert {name: task.fn.__name__ for name, task in every_task().items()} == {name: name for name in TASKS}


def test_no_task_has_tags_because_prefect_asks_its_server_for_a_slot_for_each_tagged_task_run():
    assert {name: task.tags for name, task in every_task().items() if task.tags} == {}


def test_only_reads_are_tried_again_and_what_may_be_written_twice():
    assert {name for name, task in every_task().items() if task.retries} == {*READS, "record_cycle"}
    assert {task.retries for name, task in every_task().items() if name in READS} == {READ_RETRIES}


def test_sending_orders_is_never_tried_again_by_prefect():
    assert every_task()["place_orders"].retries == 0


def test_every_task_gives_up_after_some_time():
    assert all(0 < task.timeout_seconds < 100 for task in every_task().values())


def test_results_are_kept_where_a_retry_of_the_flow_run_may_reuse_them_and_only_there():
    assert {name for name, task in every_task().items() if task.persist_result} == KEPT
    assert {name for name, task in every_task().items() if task.cache_key_fn} == KEPT


def test_the_pause_between_attempts_doubles_and_is_spread():
    read = every_task()["take_snapshot"]
    assert read.retry_delay_seconds == [0.5, 1.0, 2.0]
    assert read.retry_jitter_factor == 0.5


@dataclass
class Account:
    """What the house wants of an open account; it fails as often as it is told to, and counts."""

    failures: list[Exception] = field(default_factory=list)
    key: CycleKey = KEY
    durations: dict[str, float] = field(default_factory=dict)
    attempts: int = 0

    def read(self) -> int:
        self.attempts += 1
        if self.failures:
            raise self.failures.pop(0)
        return self.attempts


class Unhashable(Account):
    """A live object: whoever tries to hash or to copy it for a cache key fails."""

    def __reduce_ex__(self, protocol):
        raise AssertionError("an input of a task was serialised")


@pytest.fixture
def run_alone(as_flow) -> Callable[[Task, Account], Awaitable[State]]:
    """Run one task in a flow run of its own, without pauses between attempts, and give its state."""

    async def run_alone(task: Task, account: Account) -> State:
        quick = task.with_options(retry_delay_seconds=0, retry_jitter_factor=0)

        async def one_task(account: Account) -> State:
            return await quick(account, return_state=True)

        return await as_flow(one_task)(account, return_state=True)

    return run_alone


@desk_task(timeout_seconds=10, retries=READ_RETRIES, keeps_result=False)
async def read_something(account: Account) -> int:
    return account.read()


@desk_task(timeout_seconds=10, keeps_result=False)
async def send_something(account: Account) -> int:
    return account.read()


@desk_task(timeout_seconds=10)
async def kept_something(account: Account) -> int:
    return account.read()


UNAVAILABLE = VenueUnavailable("fake", "candles", "503")
LIMITED = RateLimited("fake", "candles", retry_after=CLOSE - CLOSE)


@pytest.mark.prefect
@pytest.mark.parametrize(
    ("failures", "attempts", "ends_well"),
    [
        ([UNAVAILABLE, LIMITED], 3, True),
        ([UNAVAILABLE] * (READ_RETRIES + 1), READ_RETRIES + 1, False),
        ([AccessDenied("fake", "candles", "401")], 1, False),
        ([DataError("a hole")], 1, False),
        ([ZeroDivisionError()], 1, False),
        ([UNAVAILABLE, DataError("a hole")], 2, False),
    ],
    ids=["comes back", "stays away", "denied", "bad data", "a bug", "comes back with bad data"],
)
async def test_a_read_is_tried_again_only_after_a_venue_did_not_answer(run_alone, failures, attempts, ends_well):
    account = Account(list(failures))
    state = await run_alone(read_something, account)
    assert account.attempts == attempts
    assert state.is_completed() == ends_well


@pytest.mark.prefect
@pytest.mark.parametrize("error", [UNAVAILABLE, OutcomeUnknown("fake", "submit")])
async def test_what_is_not_a_read_is_tried_once(run_alone, error):
    account = Account([error])
    state = await run_alone(send_something, account)
    assert (account.attempts, state.is_failed()) == (1, True)


@pytest.mark.prefect
async def test_inputs_are_never_looked_into_for_a_cache(run_alone, tmp_path):
    account = Unhashable()
    assert (await run_alone(kept_something, account)).is_completed()
    assert account.attempts == 1
    assert len(list(tmp_path.glob("scans/*/kept_something"))) == 1


@pytest.mark.prefect
async def test_a_kept_result_belongs_to_its_flow_run_alone(run_alone, tmp_path):
    account = Account()
    for _ in range(2):
        await run_alone(kept_something, account)
    assert account.attempts == 2
    assert len(list(tmp_path.glob("scans/*/kept_something"))) == 2


@pytest.mark.prefect
async def test_within_a_flow_run_a_kept_result_is_used_again(as_flow):
    account = Account()

    @as_flow
    async def two_calls(account: Account) -> tuple[int, int]:
        return await kept_something(account), await kept_something(account)

    assert await two_calls(account) == (1, 1)
    assert account.attempts == 1


@pytest.mark.parametrize("failures", [[], [DataError("a hole")]], ids=["well", "badly"])
async def test_the_seconds_of_a_task_are_noted_however_it_ends(failures):
    account = Account(failures)
    try:
        await read_something.fn(account)
    except DataError:
        assert account.attempts == 1
    assert list(account.durations) == ["read_something"]
    assert 0 <= account.durations["read_something"] < 5
