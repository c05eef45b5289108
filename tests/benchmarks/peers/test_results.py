"""What may be shown of a measurement: no speed without the floor's trades, ratios within a round, gaps of goals."""

import pytest

from benchmarks.peers.goals import judge
from benchmarks.peers.results import Results, Way, combinations, floor_of, speed, whole
from benchmarks.peers.running import Run
from benchmarks.peers.table import rows_of

OURS = Way("a", "scandesk", "compiled")
FLOOR = floor_of("a")


def ran(way, seconds, *, cpu=5.0, megabytes=100.0, error="", apart=0.0, **more):
    said = {"bars": 100_000, "engine_cpu_s": seconds, "engine_runs": [1.0, seconds, seconds], "apart": apart, **more}
    return Run(
        peer=way.peer,
        case=way.case,
        variant=way.variant,
        wall=6.0,
        cpu=cpu,
        memory=megabytes,
        told={} if error else said,
        error=error,
    )


def results(*runs):
    made = Results()
    for run in runs:
        made.add(run)
    return made


def goal(measured, what):
    [figure] = [figure for figure in judge(measured) if figure.what == what]
    return figure


def test_a_ratio_is_the_median_of_the_ratios_within_each_round():
    measured = results(
        *(ran(FLOOR, seconds) for seconds in (1.0, 10.0, 2.0)), *(ran(OURS, seconds) for seconds in (2.0, 20.0, 1.0))
    )
    assert measured.ratio(OURS, FLOOR) == pytest.approx(0.5)


def test_no_speed_is_told_of_ours_where_one_run_differs_from_the_floor():
    measured = results(ran(FLOOR, 1.0), ran(OURS, 1.0), ran(OURS, 1.0, apart=2e-9, difference="equity by 2e-9"))
    assert measured.median(OURS, speed) is None
    assert measured.ratio(OURS, FLOOR) is None
    [row] = [row for row in rows_of(measured, "a") if row["variant"] == "compiled"]
    assert row["candles/s"] == "differs from the floor: equity by 2e-9"


def test_no_speed_is_told_of_ours_where_it_was_not_compared():
    measured = results(ran(OURS, 1.0, apart=None))
    assert measured.median(OURS, speed) is None
    assert "not compared" in measured.trouble(OURS)


def test_a_script_of_ours_may_tell_that_it_is_allowed_to_lie_further_from_the_floor():
    assert results(ran(OURS, 1.0, apart=2e-5, allowed=1e-4)).median(OURS, speed) == 100_000
    assert results(ran(OURS, 1.0, apart=2e-4, allowed=1e-4)).median(OURS, speed) is None


def test_the_cold_command_is_judged_by_the_clock_and_by_its_processor_time():
    command = Way("a", "scandesk", "command")
    measured = results(ran(command, 1.4, command_s=1.6, command_cpu_s=1.4))
    found = {one.measured: one.good for one in judge(measured) if one.what == "cold `desk backtest`, case a"}
    assert found == {"1.6 s": False, "1.4 s of CPU": True}


def test_a_failed_process_has_the_end_of_its_words_instead_of_figures():
    measured = results(ran(FLOOR, 1.0), ran(FLOOR, 1.0, error="ended with 1: Traceback\nMemoryError"))
    [row] = rows_of(measured, "a")
    assert row["candles/s"] == "MemoryError"
    assert row["x floor"] == row["trades"] == "-"


def test_a_peer_is_not_held_to_the_trades_of_the_floor():
    other = Way("a", "vectorbt", "default")
    assert results(ran(other, 0.5, apart=1.0)).median(other, speed) == 200_000


def test_a_whole_process_counts_its_work_once():
    assert whole(ran(OURS, 1.5, cpu=5.0)) == pytest.approx(2.0)


def test_speed_is_of_the_whole_process_where_a_script_does_not_tell_the_cpu_time_of_its_work():
    assert speed(ran(OURS, None, cpu=4.0, engine_warm_s=90.0)) == 25_000


def test_combinations_are_a_second_of_cpu_time_and_of_the_clock_where_several_processes_may_work():
    assert combinations(ran(OURS, 0.2, combinations=100)) == pytest.approx(500)
    assert combinations(ran(FLOOR, 0.2, combos_per_s=50.0, engine_warm_s=2.0)) == pytest.approx(500)
    assert combinations(ran(Way("sweep", "backtesting", "two"), 0.2, combos_per_s=50.0, engine_warm_s=2.0)) == 50
    assert combinations(ran(OURS, 0.2)) is None


@pytest.mark.parametrize(
    ("seconds", "good", "gap"), [(2.0, True, "reached"), (2.5, True, "reached"), (5.0, False, "short by 50%")]
)
def test_a_goal_tells_by_how_much_it_is_short(seconds, good, gap):
    figure = goal(results(ran(FLOOR, 1.0), ran(OURS, seconds)), "compiled, case a")
    assert (figure.good, figure.compared_with) == (good, gap)


def test_a_goal_that_is_the_most_that_is_allowed_is_missed_above_it():
    sweep = Way("sweep", "scandesk", "sweep")
    figure = goal(results(ran(sweep, 0.1, megabytes=500.0)), "sweep, memory")
    assert (figure.good, figure.measured, figure.compared_with) == (False, "500 MB", "short by 25%")


def test_a_goal_without_a_run_is_neither_reached_nor_missed():
    figure = goal(results(), "compiled, case a")
    assert (figure.good, figure.measured) == (None, "not measured")
