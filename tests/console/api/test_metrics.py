"""What Prometheus is told comes from the ledger, under names and labels that the catalogue promises."""

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from console.services.metrics.catalogue import CATALOGUE, PREFIX, Kind
from desk.adapters.clocks import FixedClock
from desk.adapters.streams.diary import FOLDER, Diary
from desk.adapters.streams.supervised import StreamState, StreamStatus
from desk.model.access import Rights
from tests.builders import CLOSE
from tests.console.api.conftest import Calls, token

READ = token(Rights.READ)


async def scraped(calls: Calls) -> dict[str, Metric]:
    reply = await calls.client.get("/metrics", headers=READ)
    assert reply.status_code == 200, reply.text
    return {family.name: family for family in text_string_to_metric_families(reply.text)}


def value(found: dict[str, Metric], name: str, **labels: str) -> float:
    [sample] = [one for one in found[PREFIX + name].samples if one.labels.items() >= labels.items()]
    return sample.value


async def test_what_the_ledger_has_is_counted(calls: Calls):
    found = await scraped(calls)
    assert value(found, "cycles", account="sample", state="traded") == 1
    assert value(found, "fills", account="sample") == 1
    assert value(found, "orders", account="sample", state="filled") == 1
    assert value(found, "orders_planned", account="sample") == 1
    assert value(found, "signals", account="sample", direction="long") >= 1
    assert sum(one.value for one in found[f"{PREFIX}refusals"].samples) >= 2


async def test_money_is_that_of_the_last_look(calls: Calls):
    found = await scraped(calls)
    assert value(found, "equity", account="sample", currency="USD") == 10012.345
    assert value(found, "cash", account="sample") == 9999.99
    assert value(found, "day_profit", account="sample") == 12.245
    assert value(found, "open_positions", account="sample") == 1


async def test_an_account_that_was_never_scanned_has_no_money_and_no_age(calls: Calls):
    found = await scraped(calls)
    for name in ("equity", "scan_age_seconds", "scan_duration_seconds"):
        assert "fresh" not in {sample.labels["account"] for sample in found[PREFIX + name].samples}
    assert value(found, "account_info", account="fresh", active="true") == 1
    assert value(found, "scan_overdue", account="fresh") == 0


async def test_a_scan_that_was_due_long_ago_is_overdue(calls: Calls):
    found = await scraped(calls)
    assert value(found, "scan_overdue", account="sample") == 1
    assert value(found, "component_state", component="accounts", state="failing") == 1


async def test_stages_of_the_newest_scan_are_told(calls: Calls):
    stages = {one.labels["stage"] for one in (await scraped(calls))[f"{PREFIX}scan_stage_duration_seconds"].samples}
    assert stages


async def test_every_metric_of_the_catalogue_is_declared_as_it_is_there(calls: Calls):
    found = await scraped(calls)
    for metric in CATALOGUE:
        family = found[metric.name.removesuffix("_total")]
        assert family.type == metric.kind
        for sample in family.samples:
            assert (sample.name, set(sample.labels)) == (metric.name, set(metric.labels))
    assert len({metric.name for metric in CATALOGUE}) == len(CATALOGUE) == len(found)


async def test_names_follow_the_conventions():
    for metric in CATALOGUE:
        assert metric.name.startswith(PREFIX)
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
        assert not metric.meaning.endswith(".")


async def test_figures_are_for_nobody_who_is_not_let_in(calls: Calls):
    reply = await calls.client.get("/metrics", headers={"accept": "text/plain"})
    assert reply.status_code == 401
    assert "sample" not in reply.text


async def test_a_stream_of_another_process_is_told_with_its_silence(calls: Calls):
    diary = Diary(calls.room.chosen.home / FOLDER, FixedClock(CLOSE))
    diary.turned(StreamStatus("prices of main", StreamState.LIVE, CLOSE))
    found = await scraped(calls)
    assert value(found, "stream_live", stream="prices of main") == 1
    assert value(found, "stream_age_seconds", stream="prices of main") > 0
