"""What people and editors are told about the configuration."""

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from desk.accounts import load_fleet
from desk.accounts.document import read_document
from desk.accounts.reference import render_reference
from desk.accounts.schema import schema
from desk.accounts.showing import show
from desk.errors import ConfigError

ROOT = Path(__file__).parents[3]
FILES = ("accounts.yaml", "policy.yaml")
known_schema = cache(schema)
"""The schema of each file, made once; making it takes half a second."""


def test_an_account_is_shown_with_everything_filled_in(write: Callable[..., Path]) -> None:
    fleet = load_fleet(write())
    shown = YAML(typ="safe", pure=True).load(show(fleet, "oanda-gold"))
    assert list(shown)[:4] == ["name", "description", "venue", "mode"]
    assert shown["config_version"] == fleet.account("oanda-gold").config_version
    assert shown["late_after"] == "5m"
    assert shown["schedule"] == {"every": "5m", "timezone": "UTC", "offset": "5s"}
    assert shown["strategies"][0]["parameters"]["slow_period"] == 36
    assert shown["policy"]["entry_score"] == 0.4
    assert shown["policy"]["rules"][1] == {"name": "cooldown", "period": "15m"}
    assert shown["feed"] == {"name": "embedded", "kind": "synthetic", "seed": 7}
    assert shown["terms"]["max_leverage"] == 20


def test_amounts_are_shown_to_the_last_digit(write: Callable[..., Path]) -> None:
    fleet = load_fleet(write(new="", old="", file=""))
    assert "\nstarting_cash: 100000.10\n" in show(fleet, "oanda-gold")


def test_a_recorded_feed_is_shown_with_its_clock(write: Callable[..., Path]) -> None:
    folder = write("accounts.yaml", "feed: embedded", "feed: history")
    accounts = folder / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("      - XAU/USD\n", ""))
    shown = YAML(typ="safe", pure=True).load(show(load_fleet(folder), "oanda-gold"))
    assert shown["feed"]["files"] == {"EUR/USD": "eur.parquet"}
    assert shown["feed"]["clock"]["speed"] == 60


def test_an_unknown_account_cannot_be_shown(write: Callable[..., Path]) -> None:
    with pytest.raises(ConfigError, match="did you mean 'oanda-gold'"):
        show(load_fleet(write()), "oanda-gld")


@pytest.mark.parametrize("file", FILES)
def test_the_sample_configuration_keeps_its_schema(file: str) -> None:
    jsonschema.Draft202012Validator.check_schema(known_schema()[file])
    assert list(_violations(file, ROOT / "config" / file)) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("accounts.yaml", "name: momentum_trading", "name: momentum_tradng"),
        ("accounts.yaml", "fast_period", "fast_perod"),
        ("accounts.yaml", "lookback: 400", "lookback: 4"),
        ("accounts.yaml", "max_leverage: 20", "max_leverage: 0"),
        ("accounts.yaml", "lookback", "lokback"),
        ("accounts.yaml", "feeds:\n", "defaults: {lokback: 300}\nfeeds:\n"),
        ("policy.yaml", "period: 15m", "perod: 15m"),
        ("policy.yaml", "fixed_fraction", "fixed"),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(write: Callable[..., Path], file: str, old: str, new: str) -> None:
    assert list(_violations(file, write() / file)) == []
    assert list(_violations(file, write(file, old, new) / file)) != []


def test_the_reference_page_says_what_the_models_say() -> None:
    page = ROOT / "docs" / "reference" / "configuration.md"
    assert page.read_text(encoding="utf-8") == render_reference(), (
        "the models have changed: write desk.accounts.reference.render_reference() to docs/reference/configuration.md"
    )


def test_importing_the_accounts_is_light() -> None:
    heavy = ("pandas", "talib", "pyarrow", "prefect", "ruamel.yaml", "sqlalchemy")
    code = f"import sys, desk.accounts; print([name for name in {heavy} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def _violations(file: str, path: Path) -> list[str]:
    top = read_document(path, "a configuration").top
    assert top is not None, path
    return [error.message for error in jsonschema.Draft202012Validator(known_schema()[file]).iter_errors(top.plain())]


def test_the_schema_knows_the_members_of_an_ensemble() -> None:
    file = known_schema()["accounts.yaml"]
    validator = jsonschema.Draft202012Validator({"$ref": "#/$defs/StrategySpec", "$defs": file["$defs"]})
    member = {"name": "breakout", "weight": 2}
    strategy = {"name": "ensemble", "parameters": {"members": [member]}}
    assert list(validator.iter_errors(strategy)) == []
    member["wheight"] = 2
    assert "wheight" in " ".join(error.message for error in validator.iter_errors(strategy))
