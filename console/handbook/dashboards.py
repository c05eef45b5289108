"""The Grafana dashboards: one of the fleet, one of an account, one of venues and of what the desk stands on."""

from console.handbook.panels import Panel, Variable, render_dashboard

_MINE = '{account=~"$account"}'
_EQUITY = "equity of {{account}}, {{currency}}"

FLEET = (
    Panel("Parts that fail", {"": 'sum(scandesk_component_state{state="failing"})'}, kind="stat", width=6),
    Panel("Scans overdue", {"": "sum(scandesk_scan_overdue)"}, kind="stat", width=6),
    Panel("Accounts halted", {"": 'sum(scandesk_trading_state{state="halted"})'}, kind="stat", width=6),
    Panel("Open positions", {"": "sum(scandesk_open_positions)"}, kind="stat", width=6),
    Panel("Equity by currency", {"{{currency}}": "sum by (currency) (scandesk_equity)"}),
    Panel("Today by currency", {"{{currency}}": "sum by (currency) (scandesk_day_profit)"}),
    Panel("Drawdown", {"{{account}}": "scandesk_drawdown_ratio"}, unit="percentunit"),
    Panel("Exposure, as a multiple of the equity", {"{{account}}": "scandesk_exposure_ratio"}),
    Panel("Cycles per hour", {"{{state}}": "sum by (state) (increase(scandesk_cycles_total[1h]))"}),
    Panel("Refusals per hour", {"{{reason}}": "topk(10, sum by (reason) (increase(scandesk_refusals_total[1h])))"}),
    Panel("Signals per hour", {"{{direction}}": "sum by (direction) (increase(scandesk_signals_total[1h]))"}),
    Panel(
        "Orders and fills per hour",
        {
            "orders": "sum(increase(scandesk_orders_planned_total[1h]))",
            "fills": "sum(increase(scandesk_fills_total[1h]))",
        },
    ),
)

ACCOUNT = (
    Panel("Equity", {_EQUITY: f"scandesk_equity{_MINE}", "cash of {{account}}": f"scandesk_cash{_MINE}"}),
    Panel("Drawdown", {"{{account}}": f"scandesk_drawdown_ratio{_MINE}"}, unit="percentunit"),
    Panel("Positions, in account currency", {"{{account}} {{instrument}}": f"scandesk_position_value{_MINE}"}),
    Panel("Exposure, as a multiple of the equity", {"{{account}}": f"scandesk_exposure_ratio{_MINE}"}),
    Panel(
        "What trades of 24 hours cost",
        {
            "slippage of {{account}}": f"scandesk_entry_slippage_last_day{_MINE}",
            "fees of {{account}}": f"scandesk_fees_last_day{_MINE}",
        },
    ),
    Panel(
        "Trades closed per day",
        {"{{strategy}}": f"sum by (strategy) (increase(scandesk_closed_trades_total{_MINE}[1d]))"},
    ),
    Panel("Orders by state", {"{{account}} {{state}}": f"scandesk_orders{_MINE} > 0"}),
    Panel("Refusals per hour", {"{{reason}}": f"sum by (reason) (increase(scandesk_refusals_total{_MINE}[1h]))"}),
    Panel(
        "Stages of the newest scan",
        {"{{stage}}": f"avg by (stage) (scandesk_scan_stage_duration_seconds{_MINE})"},
        unit="s",
    ),
    Panel("From close to scan", {"{{account}}": f"scandesk_scan_delay_seconds{_MINE}"}, unit="s"),
    Panel("Age of the newest candle", {"{{account}}": f"scandesk_scan_age_seconds{_MINE}"}, unit="s"),
    Panel(
        "Differences from the venue",
        {
            "corrected at {{account}}": f"increase(scandesk_adjustments_total{_MINE}[1h])",
            "{{kind}} of others at {{account}}": f"scandesk_externals{_MINE}",
        },
    ),
)

MACHINERY = (
    Panel("Parts", {"{{component}}": 'scandesk_component_state{state=~"failing|warning"} > 0'}, width=24),
    Panel(
        "Calls this hour", {"{{venue}} {{environment}}": "sum by (venue, environment) (scandesk_venue_calls_this_hour)"}
    ),
    Panel(
        "Calls that went wrong this hour",
        {"{{venue}} {{result}}": 'sum by (venue, result) (scandesk_venue_calls_this_hour{result!="ok"})'},
    ),
    Panel(
        "Share of the budget that is left",
        {"{{venue}} {{credential}} per {{period}}": "scandesk_venue_budget_room_calls / scandesk_venue_budget_calls"},
        unit="percentunit",
    ),
    Panel("Silence that venues ordered", {"{{venue}} {{environment}}": "scandesk_venue_silence_seconds"}, unit="s"),
    Panel("Streams that are live", {"{{stream}}": "scandesk_stream_live"}, kind="stat"),
    Panel("Silence of streams", {"{{stream}}": "scandesk_stream_age_seconds"}, unit="s"),
    Panel("Scan duration", {"{{account}}": "scandesk_scan_duration_seconds"}, unit="s"),
    Panel(
        "Scan duration, all accounts",
        {"p95": "quantile(0.95, scandesk_scan_duration_seconds)", "longest": "max(scandesk_scan_duration_seconds)"},
        unit="s",
    ),
    Panel(
        "Configured accounts",
        {"{{mode}}, active {{active}}": "count by (mode, active) (scandesk_account_info)"},
        kind="stat",
    ),
    Panel("Written configuration in force", {"": "scandesk_configuration_in_force"}, kind="stat"),
)

_ACCOUNTS = Variable("account", "label_values(scandesk_account_info, account)")


def render_fleet() -> str:
    """Return the dashboard of the fleet."""
    return render_dashboard("scandesk-fleet", "Scandesk: fleet", FLEET)


def render_account() -> str:
    """Return the dashboard of the accounts that a person chooses."""
    return render_dashboard("scandesk-account", "Scandesk: account", ACCOUNT, (_ACCOUNTS,))


def render_machinery() -> str:
    """Return the dashboard of venues, scans and the parts of the desk."""
    return render_dashboard("scandesk-machinery", "Scandesk: venues and machinery", MACHINERY)
