"""One pass of a watch: no retries, because the next pass comes soon and looks anew."""

from prefect import get_run_logger

from blocks.watching import Pass, watch_by_name
from desk.adapters.logs.events import about


async def watch_once(name: str, *, run: str) -> Pass:
    """Watch an account and log what was done, line by line."""
    with about(account=name):
        return await _watch_once(name, run=run)


async def _watch_once(name: str, *, run: str) -> Pass:
    done = await watch_by_name(name, run=run)
    log = get_run_logger()
    if done.watched is None:
        log.info("%s: not watched, %s", name, done.why)
        return done
    for line in done.watched.done:
        log.info("%s: %s", name, line)
    for line in done.watched.left:
        log.warning("%s: not done: %s", name, line)
    return done
