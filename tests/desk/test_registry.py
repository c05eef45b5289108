"""Plug-ins are found by file name, loudly, built once, and read again when asked to."""

import os
import sys
from pathlib import Path

import pytest

import desk.sizing
from desk.errors import ConfigError
from desk.plugin import Sizing
from desk.registry import Registry, nearest, risk_rules, sizings, strategies

SOURCE = '''
from decimal import Decimal
from desk.plugin import Sizing

class {name}(Sizing):
    """{summary}"""

    quantity: Decimal = Decimal({quantity})

    def size(self, instrument, price, stop_distance, snapshot, strategy=""):
        return self.quantity
'''


class Folder:
    """A folder of sizing methods that an operator edits."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.edits = 0

    def write(self, file: str, *, name: str = "Own", summary: str = "One.", quantity: int = 1) -> Path:
        return self.write_text(file, SOURCE.format(name=name, summary=summary, quantity=quantity))

    def write_text(self, file: str, text: str) -> Path:
        path = self.path / file
        path.write_text(text)
        self.edits += 1
        os.utime(path, (2_000_000_000 + self.edits, 2_000_000_000 + self.edits))
        return path

    def registry(self) -> Registry[Sizing]:
        return Registry("sizing", "desk.sizing", Sizing, [self.path])


@pytest.fixture
def folder(tmp_path):
    yield Folder(tmp_path)
    for path in tmp_path.glob("*.py"):
        if sys.modules.pop(f"desk.sizing.{path.stem}", None) is not None:
            delattr(desk.sizing, path.stem)


def test_what_the_desk_ships_is_found_in_alphabetical_order():
    assert list(strategies().discover()) == [
        "adaptive_gold", "breakout", "champion_75wr", "ensemble", "gold_scalping", "hedge_mode", "hft",
        "mean_reversion", "momentum_24h", "momentum_trading", "risk_off", "scalping", "swing_trading",
        "trend_following", "triggered", "ultra_strict_forex", "volatility_breakout",
    ]  # fmt: skip
    assert list(sizings().discover()) == ["fixed_fraction", "fixed_notional", "kelly", "volatility_target"]
    assert list(risk_rules().discover()) == [
        "allocation", "consecutive_losses", "cooldown", "cooldown_after_loss", "correlated_exposure",
        "currency_exposure", "daily_loss", "drawdown", "duplicate_idea", "event_blackout", "expected_value",
        "fleet_exposure", "fleet_loss", "leverage", "liquidation_distance", "liquidity", "low_profit_lock", "margin",
        "net_exposure", "number_of_positions", "one_entry_per_candle", "order_notional", "order_quantity",
        "position_size", "price_collar", "risk_per_trade", "session_hours", "spread", "stale_data", "stop_loss_guard",
        "total_exposure", "trade_drawdown", "trades_per_hour", "unusual_spread",
    ]  # fmt: skip


def test_a_found_class_is_the_one_that_an_import_gives():
    from desk.strategies.breakout import Breakout

    assert strategies().get("breakout") is Breakout


def test_one_file_in_a_folder_is_one_more_plugin_beside_those_of_the_package(folder):
    folder.write("own.py", summary="Sizes by feeling.")
    folder.write_text("_helpers.py", "raise RuntimeError('not a plug-in')")
    found = folder.registry().discover()
    assert list(found) == ["fixed_fraction", "fixed_notional", "kelly", "own", "volatility_target"]
    assert (found["own"].name, found["own"].summary()) == ("own", "Sizes by feeling.")


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match="nowhere: expected a folder with a sizing in each file"):
        Registry("sizing", "desk.sizing", Sizing, [tmp_path / "nowhere"]).discover()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def broken(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("x = 1", "expected one Sizing in the file, found none"),
        ("from desk.sizing.fixed_fraction import FixedFraction", "expected one Sizing in the file, found none"),
        (
            SOURCE.format(name="A", summary="One.", quantity=1) + SOURCE.format(name="B", summary="Two.", quantity=1),
            "expected one Sizing in the file, found A, B",
        ),
    ],
)
def test_a_file_that_is_no_plugin_stops_everything_and_is_named(folder, text, complaint):
    path = folder.write_text("own.py", text)
    with pytest.raises(ConfigError) as refusal:
        folder.registry().discover()
    assert str(refusal.value).startswith(f"{path}: ")
    assert complaint in str(refusal.value)


def test_a_file_that_cannot_be_imported_leaves_no_module_behind(folder):
    folder.write_text("own.py", "1 / 0")
    with pytest.raises(ConfigError):
        folder.registry().discover()
    assert "desk.sizing.own" not in sys.modules


def test_two_files_of_one_name_are_refused_with_both_paths(folder):
    path = folder.write("fixed_fraction.py")
    with pytest.raises(ConfigError, match=r"desk/sizing/fixed_fraction\.py has the same name") as refusal:
        folder.registry().discover()
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "hint"), [("brakeout", "did you mean 'breakout'?"), ("zzz", "known are adaptive_gold, breakout, ")]
)
def test_an_unknown_name_is_answered_with_the_nearest(name, hint):
    with pytest.raises(ConfigError) as refusal:
        strategies().get(name)
    assert str(refusal.value).startswith(f"unknown strategy '{name}'; {hint}")


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"chanel_period": 20}, "unknown parameter 'chanel_period'; did you mean 'channel_period'?"),
        ({"channel_period": 4}, "channel_period: Input should be greater than or equal to 5"),
        ({"channel_period": "many"}, "channel_period: Input should be a valid integer"),
        ({"channel_period": True}, "channel_period: expected int, found True"),
        ({"stop_atr": float("nan")}, "stop_atr: "),
        ({"entry_excess": 2}, "expected entry_excess below full_excess, found 2.0 and 0.75"),
        ({"stop_atr": 0, "target_atr": 0}, "; target_atr: "),
        ({3: 4}, "unknown parameter '3'"),
    ],
)
def test_wrong_parameters_are_named_with_what_was_expected(parameters, complaint):
    with pytest.raises(ConfigError) as refusal:
        strategies().build("breakout", parameters)
    assert str(refusal.value).startswith("strategy breakout: ")
    assert complaint in str(refusal.value)
    assert ": : " not in str(refusal.value)


def test_the_same_name_and_parameters_give_the_same_object(folder):
    folder.write("own.py")
    registry = folder.registry()
    first = registry.build("own", {"quantity": 3})
    assert registry.build("own", {"quantity": 3}) is first
    assert registry.build("own", {"quantity": 4}).quantity == 4


def test_a_changed_file_is_read_again_on_reload_and_not_before(folder):
    folder.write("own.py", quantity=1)
    registry = folder.registry()
    before = registry.build("own", {})
    folder.write("own.py", quantity=22)
    assert registry.build("own", {}) is before
    registry.reload()
    assert registry.build("own", {}).quantity == 22
    assert before.quantity == 1


def test_reload_keeps_the_class_of_a_file_that_has_not_changed(folder):
    folder.write("own.py")
    registry = folder.registry()
    before = registry.discover()
    registry.reload()
    assert registry.discover() == before


def test_reload_finds_new_files_and_forgets_removed_and_renamed_ones(folder):
    path = folder.write("own.py", name="Own")
    registry = folder.registry()
    registry.build("own", {})
    folder.write("other.py", name="Other")
    folder.write("own.py", name="Renamed")
    registry.reload()
    assert (registry.get("own").__name__, registry.get("other").__name__) == ("Renamed", "Other")
    path.unlink()
    registry.reload()
    with pytest.raises(ConfigError, match="unknown sizing 'own'"):
        registry.build("own", {})


def test_a_broken_change_is_refused_on_reload_and_the_plugins_stay_as_they_were(folder):
    folder.write("own.py", quantity=1)
    registry = folder.registry()
    before = registry.build("own", {})
    folder.write_text("own.py", "1 / 0")
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"own\.py: cannot be imported"):
            registry.reload()
        assert registry.build("own", {}) is before
        assert registry.get("own") is type(before)


ALIASED = SOURCE.replace("    quantity:", "    aliases = {aliases!r}\n    quantity:", 1)


def test_an_earlier_name_gives_the_present_plugin_and_the_same_object(folder):
    folder.write_text("own.py", ALIASED.format(name="Own", summary="One.", quantity=1, aliases=("former", "first")))
    registry = folder.registry()
    assert registry.get("former") is registry.get("own")
    assert registry.build("first", {"quantity": 3}) is registry.build("own", {"quantity": 3})
    assert [registry.present_name(name) for name in ("former", "own", "nobody")] == ["own", "own", "nobody"]
    assert list(registry.discover()) == ["fixed_fraction", "fixed_notional", "kelly", "own", "volatility_target"]


@pytest.mark.parametrize(("alias", "other"), [("fixed_fraction", "fixed_fraction"), ("former", "other")])
def test_an_earlier_name_that_stands_for_two_is_refused(folder, alias, other):
    folder.write_text("own.py", ALIASED.format(name="Own", summary="One.", quantity=1, aliases=(alias,)))
    folder.write_text("other.py", ALIASED.format(name="Other", summary="One.", quantity=1, aliases=("former",)))
    with pytest.raises(ConfigError, match=f"its earlier name '{alias}' is that of {other} as well"):
        folder.registry().discover()


def test_a_name_that_a_strategy_had_in_another_desk_still_works():
    assert strategies().build("adaptive_trump_gold", {}) is strategies().build("adaptive_gold", {})


def test_another_folder_is_looked_in_when_it_is_named_and_forgotten_when_it_is_not(folder):
    folder.write("own.py", quantity=3)
    registry = Registry("sizing", "desk.sizing", Sizing)
    assert "own" not in registry.discover()
    registry.look_in(folder.path)
    first = registry.build("own", {})
    registry.look_in(folder.path)
    assert registry.build("own", {}) is first
    registry.look_in()
    with pytest.raises(ConfigError, match="unknown sizing 'own'"):
        registry.build("own", {})


def test_a_hint_names_everything_where_nothing_is_near():
    assert nearest("zzz", ["b", "a"]) == "known are a, b"
