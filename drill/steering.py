"""The admin port of a simulator in words: faults, prices, halts, and the truth."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Self

import httpx


class Steering:
    """Synchronous on purpose: while the drill changes the world, nobody in it runs."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=30, verify=False)  # noqa: S501 - plain HTTP, to this machine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._http.close()

    def open_account(self, venue: str, name: str, secrets: Mapping[str, str], *, currency: str, cash: Decimal) -> None:
        """Open an account at the venue."""
        form = {"venue": venue, "name": name, "secrets": dict(secrets), "currency": currency, "cash": str(cash)}
        self._ask("POST", "/accounts", form)

    def fault(self, *faults: Mapping[str, object]) -> None:
        """Put faults into the script."""
        self._ask("POST", "/faults", [dict(fault) for fault in faults])

    def clear_faults(self) -> int:
        """Take all faults out of the script, and return how many requests they have hit."""
        told = self._ask("GET", "/faults")["faults"]
        self._ask("DELETE", "/faults")
        return sum(int(fault["struck"]) for fault in told)

    def pin(self, instrument: str, bid: Decimal, ask: Decimal) -> None:
        """Hold an instrument at a price."""
        self._ask("POST", "/prices", {"instrument": instrument, "bid": str(bid), "ask": str(ask)})

    def unpin(self, instrument: str) -> None:
        """Let an instrument follow its market again."""
        self._ask("DELETE", "/prices", {"instrument": instrument})

    def halt(self, instrument: str) -> None:
        """Stop trading in an instrument."""
        self._ask("POST", "/halts", {"instrument": instrument})

    def resume(self, instrument: str) -> None:
        """Trade an instrument again."""
        self._ask("DELETE", "/halts", {"instrument": instrument})

    def limit(self, instrument: str, depth: Decimal | None) -> None:
        """Let one order have no more than this of an instrument; None lifts it."""
        self._ask("POST", "/depths", {"instrument": instrument, "depth": None if depth is None else str(depth)})

    def skew(self, seconds: float) -> None:
        """Set the clock that the venue tells apart from the true one."""
        self._ask("POST", "/clock", {"skew": seconds})

    def truth(self, venue: str, account: str) -> Mapping[str, Any]:
        """Return everything that an account really has."""
        answer = self._http.get("/truth", params={"venue": venue, "account": account}).raise_for_status().json()
        (found,) = answer["accounts"]
        return dict(found)

    def _ask(self, method: str, path: str, form: Sequence[object] | Mapping[str, object] | None = None) -> Any:
        return self._http.request(method, path, json=form).raise_for_status().json()
