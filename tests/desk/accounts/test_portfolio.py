"""portfolio.yaml: checked like the other files, with the nearest name."""

from pathlib import Path

import pytest

from desk.accounts import load_fleet
from desk.errors import ConfigError
from tests.console.conftest import ACCOUNTS, POLICY

LIMITS = "transfers: {minimum: 1, maximum: 2, together: 3}\n"
WHOLE = f"""\
targets: {{sample: {{weight: 0.5}}, fresh: {{weight: 0.5, band: 0.1}}}}
{LIMITS}carry_out: true
carrying: {{minimum: 10, maximum: 20, a_day: 30, givers: [sample]}}
conversions:
  - {{account: sample, currency: USDC, instrument: USDC/USDT, below: 1, up_to: 2, maximum: 3}}
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    for name, text in (("accounts.yaml", ACCOUNTS), ("policy.yaml", POLICY)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def problem(directory: Path, text: str) -> str:
    (directory / "portfolio.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_fleet(directory)
    return str(raised.value)


def test_nobody_has_to_keep_a_portfolio(written: Path) -> None:
    assert load_fleet(written).portfolio is None


def test_weights_limits_and_conversions_are_read(written: Path) -> None:
    (written / "portfolio.yaml").write_text(WHOLE, encoding="utf-8")
    portfolio = load_fleet(written).portfolio
    assert portfolio is not None
    shares = {name: (f"{target.weight}", f"{target.band}") for name, target in portfolio.shares.items()}
    assert shares == {"sample": ("0.5", "0.05"), "fresh": ("0.5", "0.1")}
    assert portfolio.limits is not None
    assert (portfolio.limits.minimum, portfolio.limits.maximum, portfolio.limits.together) == (1, 2, 3)
    assert portfolio.conversions[0].need.up_to == 2


def test_money_is_moved_only_where_the_file_says_so_in_two_places(written: Path) -> None:
    text = written / "portfolio.yaml"
    for change, allowed, alone in (
        (("", ""), True, False),
        (("givers:", "in_the_flow: true, givers:"), True, True),
        (("carry_out: true", "carry_out: false"), False, False),
        (("carry_out: true\n", ""), False, False),
    ):
        text.write_text(WHOLE.replace(*change), encoding="utf-8")
        portfolio = load_fleet(written).portfolio
        assert portfolio is not None
        assert (portfolio.allowed is not None, portfolio.is_carried_out_alone) == (allowed, alone)
    text.write_text(WHOLE.replace("givers:", "in_the_flow: true, givers:").replace("carry_out: true\n", ""))
    portfolio = load_fleet(written).portfolio
    assert portfolio is not None
    assert not portfolio.is_carried_out_alone


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("sample: {weight: 0.5}", "sampel: {weight: 0.5}", "portfolio.yaml:1: targets.sampel: expected the name of an"),
        ("account: sample", "account: fersh", "did you mean 'fresh'?"),
        ("weight: 0.5, band", "weight: 0.6, band", "expected weights that are 1 at most together, found 1.1"),
        ("maximum: 2,", "maximum: 9,", "expected minimum up to maximum, and maximum up to together, found 1, 9 and 3"),
        ("up_to: 2", "up_to: 1", "expected up_to above below, found 1 and 1"),
        ("USDC/USDT", "BTC/USDC", "expected a spot instrument that begins with USDC/, found 'BTC/USDC'"),
        ("fresh: {weight", "resting: {weight", "expected accounts of one mode, one kind of money and one clock"),
        ("band: 0.1", "bnad: 0.1", "did you mean 'band'?"),
        ("givers: [sample]", "givers: [smaple]", "did you mean 'sample'?"),
        ("givers: [sample]", "givers: []", "expected a list of names of accounts, at least one"),
        ("a_day: 30", "a_day: 19", "expected minimum up to maximum, and maximum up to a_day, found 10, 20 and 19"),
        ("a_day: 30", "a_day: .nan", "carrying.a_day: expected an amount above 0"),
        ("minimum: 10,", "", "carrying.minimum: expected an amount above 0"),
        (
            "carrying: {minimum: 10",
            "# {minimum: 10",
            "expected carrying, the limits of what is moved, beside carry_out: true, found none",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_line(written: Path, before: str, after: str, told: str) -> None:
    assert WHOLE.count(before) == 1
    assert told in problem(written, WHOLE.replace(before, after))
