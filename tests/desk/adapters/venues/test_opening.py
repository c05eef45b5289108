"""What a paper account is given by its feed: how long a candle may be missing, and when its absence means no trade."""

from datetime import timedelta
from pathlib import Path

import pytest

from desk.accounts import load_fleet
from desk.adapters.venues.paper_terms import paper_terms
from desk.model.timeframe import Timeframe
from tests.desk.accounts.test_connections import POLICY

ACCOUNTS = """\
connections:
  aster: {kind: aster, environment: practice, secrets: {private_key: A}}
  coinbase: {kind: coinbase, environment: live, secrets: {key: A, secret: B}}
  kucoin: {kind: kucoin, environment: live, secrets: {key: A, secret: B, passphrase: C}}
  futures: {kind: kucoin, environment: live, market: futures, secrets: {key: A, secret: B, passphrase: C}}
  ccxt: {kind: ccxt, environment: live, exchange: kraken, secrets: {api_key: A, secret: B}}
  oanda: {kind: oanda, environment: practice, account_id: "101-001-1234567-001", secrets: {token: A}}
feeds:
  made: {kind: synthetic, seed: 7}
  aster: {kind: venue, connection: aster}
  coinbase: {kind: venue, connection: coinbase}
  kucoin: {kind: venue, connection: kucoin}
  futures: {kind: venue, connection: futures}
  ccxt: {kind: venue, connection: ccxt}
  oanda: {kind: venue, connection: oanda}
venues:
  %(venue)s: {maker_fee_bps: 1, taker_fee_bps: 1}
accounts:
  sample:
    venue: %(venue)s
    mode: paper
    feed: %(feed)s
    currency: USDT
    starting_cash: 1000
    instruments: ["%(instrument)s"]
    strategies: [{name: breakout}]
    policy: plain
    schedule: {every: 5m}
"""
LAG, QUIET = timedelta(minutes=5), timedelta(seconds=5)


@pytest.mark.parametrize(
    ("venue", "feed", "instrument", "longest_lag", "quiet_after"),
    [
        ("oanda", "made", "EUR/USD", None, None),
        ("oanda", "oanda", "EUR/USD", LAG, None),
        ("aster", "aster", "BTC/USDT:USDT", LAG, None),
        ("kucoin", "kucoin", "BTC/USDT", LAG, QUIET),
        ("kucoin", "futures", "BTC/USDT:USDT", LAG, QUIET),
        ("coinbase", "coinbase", "BTC/USD", LAG, QUIET),
        ("ccxt", "ccxt", "BTC/USD", LAG, QUIET),
    ],
)
def test_a_missing_candle_means_no_trade_where_only_trades_make_candles(
    tmp_path: Path,
    venue: str,
    feed: str,
    instrument: str,
    longest_lag: timedelta | None,
    quiet_after: timedelta | None,
) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    written = ACCOUNTS % {"venue": venue, "feed": feed, "instrument": instrument}
    (tmp_path / "accounts.yaml").write_text(written)
    fleet = load_fleet(tmp_path)
    terms = paper_terms(fleet, fleet.account("sample"), Timeframe.M1)
    assert (terms.longest_lag, terms.quiet_after) == (longest_lag, quiet_after)
