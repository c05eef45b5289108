"""Every operation of the API, asked what a generator comes up with: none fails, none lets a stranger in."""

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from desk.model.access import Rights
from tests.console.api.conftest import token

EXAMPLES = int(os.environ.get("DESK_API_EXAMPLES", "6"))
"""How often each operation is asked."""
_BY_STRANGERS = max(2, EXAMPLES // 3)
"""How often by who has no token: the gate refuses them by the headers, before anything of what they send is read."""

_DOCUMENT = "/api/openapi.json"
_CHECKS = [
    *(not_a_server_error, status_code_conformance, content_type_conformance),
    *(response_headers_conformance, response_schema_conformance, negative_data_rejection),
]
_OWN = ("/login", "/api/session", *(f"/freqtrade/{{name}}/api/v1/token/{act}" for act in ("login", "refresh")))
"""What everybody may do about their own way in and out."""

_Ask = Callable[[schemathesis.Case], None]


def operations(address: str) -> list[APIOperation]:
    document = requests.get(address + _DOCUMENT, headers=token(Rights.READ), timeout=10).json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=address)
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert found
    return found


def each(operation: APIOperation, ask: _Ask, examples: int = EXAMPLES) -> None:
    """Ask an operation with some of what its parameters and its body may be."""

    @settings(
        max_examples=examples,
        phases=[Phase.explicit, Phase.generate],
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: schemathesis.Case) -> None:
        ask(case)

    run()


def rows(home: Path) -> list[str]:
    with sqlite3.connect(home / "desk.db") as ledger:
        return list(ledger.iterdump())


def files(home: Path) -> Mapping[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file() and "desk.db" not in path.name}


def test_no_operation_fails_and_each_answers_as_the_document_says(served: str):
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=token(Rights.ADMIN), checks=_CHECKS, timeout=30)

    for operation in operations(served):
        each(operation, ask)


def test_without_a_token_nothing_is_told_and_nothing_changes(served: str, home: Path):
    before = (rows(home), files(home))

    def ask(case: schemathesis.Case) -> None:
        answer = case.call(timeout=30)
        assert answer.status_code == 401, (operation.label, answer.status_code, answer.text)

    for operation in operations(served):
        if operation.path.startswith(("/api/", "/freqtrade/")):
            each(operation, ask, _BY_STRANGERS)
    assert (rows(home), files(home)) == before


def test_who_may_only_look_changes_nothing(served: str, home: Path):
    before = rows(home)

    def ask(case: schemathesis.Case) -> None:
        answer = case.call(headers=token(Rights.READ), timeout=30)
        assert answer.status_code == 403, (operation.label, answer.status_code, answer.text)

    writes = [one for one in operations(served) if one.method.upper() != "GET" and one.path not in _OWN]
    assert any(one.path == "/api/halt" for one in writes)
    for operation in writes:
        each(operation, ask)
    assert rows(home) == before
