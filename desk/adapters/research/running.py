"""Runs trials, side by side where there is somewhere to, and none that has been run before."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from typing import Protocol

from desk.adapters.research.store import TrialStore, key_of
from desk.backtest.validation.subjects import Subject
from desk.backtest.validation.trials import Outcome, Trial, run_trial
from desk.errors import DataError

Tell = Callable[[int, int], object]
"""Told how many trials of how many are done."""


class Pool(Protocol):
    """Processes that run trials of one subject; futures raise its `broken` where one of them has ended by itself."""

    broken: tuple[type[Exception], ...]

    def submit(self, trials: Sequence[Trial]) -> list[Future[Outcome]]:
        """Begin trials, and return what will be their outcomes, in the same order."""


class Trials:
    """Trials of one subject; outcomes do not depend on where they are run.

    Args:
        subject: what is tried.
        store: where outcomes are kept, and looked up.
        pool: where trials are run; None for here, one after the other.
        tell: called before the first and after each trial of a call of `run`.
    """

    def __init__(
        self,
        subject: Subject,
        store: TrialStore,
        pool: Pool | None = None,
        *,
        tell: Tell = lambda _done, _all: None,
    ) -> None:
        self._subject = subject
        self._store = store
        self._pool = pool
        self._tell = tell

    def run(self, trials: Sequence[Trial]) -> list[Outcome]:
        """Return the outcomes in the order of the trials; what comes in is stored at once.

        What was run is kept, whatever is raised.

        Raises:
            DataError: a process that ran trials has ended by itself.
        """
        known = dict(self._store.found(trials))
        missing = {key: trial for trial in trials if (key := key_of(trial)) not in known}
        done = len(trials) - len(missing)
        self._tell(done, len(trials))
        for key, outcome in self._outcomes(missing):
            known[key] = outcome
            done += 1
            self._tell(done, len(trials))
        self._tell(len(trials), len(trials))
        return [known[key_of(trial)] for trial in trials]

    def _outcomes(self, missing: dict[str, Trial]) -> Iterator[tuple[str, Outcome]]:
        if self._pool is None or len(missing) < 2:
            for key, trial in missing.items():
                yield key, self._kept(trial, run_trial(self._subject, trial))
            return
        begun = self._pool.submit(tuple(missing.values()))
        futures = dict(zip(begun, missing.items(), strict=True))
        try:
            for future in as_completed(begun):
                key, trial = futures.pop(future)
                yield key, self._kept(trial, future.result())
        except self._pool.broken as error:
            raise DataError(
                "a process that ran trials, or gave them out, has ended by itself, perhaps for want of memory; "
                "what was run is kept; begin again, with fewer --workers"
            ) from error
        finally:
            self._keep_the_rest(futures)

    def _keep_the_rest(self, futures: dict[Future[Outcome], tuple[str, Trial]]) -> None:
        """Store what is on its way when somebody stops: it ends soon, and would be lost."""
        on_their_way = [future for future in futures if not future.cancel()]
        for future in as_completed(on_their_way):
            if future.exception() is None:
                self._kept(futures[future][1], future.result())

    def _kept(self, trial: Trial, outcome: Outcome) -> Outcome:
        self._store.put(trial, outcome)
        return outcome
