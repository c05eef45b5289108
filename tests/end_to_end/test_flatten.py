"""`desk halt fleet --flatten`, typed: flat at every venue, or loud about what is left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.installation import Site
from tests.end_to_end.live import PAPER, LiveSite, compare_live, live_site
from tests.end_to_end.switch import sending, type_desk

pytestmark = pytest.mark.end_to_end

HOLDING = ("aster", "coinbase", "kucoin")
STUBBORN = "aster"
"""Where nothing can be closed for a while."""
_IMPATIENT = ("-m", "tests.end_to_end.impatient_desk")


@pytest.fixture
def live(site: Site, tmp_path: Path) -> Iterator[LiveSite]:
    """Positions at three venues."""
    with live_site(site, tmp_path / "desk") as opened:
        with sending(opened, *HOLDING, rounds=1) as sender:
            assert sender.wait(60) == 0, sender.log_tail()
        yield opened


async def test_what_cannot_be_closed_is_said_aloud_and_the_same_command_goes_on_with_it(live: LiveSite):
    assert all(live.truth(name)["positions"] for name in HOLDING)
    live.fault("before", "status", venue=STUBBORN, method="POST", path="/order", times=0)

    done = type_desk(live, "halt", "fleet", "--flatten", program=_IMPATIENT)

    said = done.stdout.splitlines()
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{STUBBORN}: NOT flat" in said
    assert any(line.startswith("  position 0.001 BTC/USDT:USDT") for line in said), said
    assert {f"{name}: flat" for name in ("coinbase", "kucoin", "oanda", PAPER)} <= set(said)
    assert [name for name in HOLDING if live.truth(name)["positions"]] == [STUBBORN]
    assert [title for title in live.post.titles(STUBBORN) if "flat" in title] == [
        f"{STUBBORN}: not flat yet, the desk goes on trying",
        f"{STUBBORN}: NOT flat",
    ]

    live.mend()
    done = type_desk(live, "halt", "fleet", "--flatten", program=_IMPATIENT)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{STUBBORN}: flat" in done.stdout.splitlines()
    for name in HOLDING:
        compared = await compare_live(live, name)
        assert live.truth(name)["positions"] == []
        assert compared.differences == []
        assert compared.orders == 2  # one opened, one closed, and nothing was turned round
