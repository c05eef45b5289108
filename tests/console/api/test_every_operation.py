"""Every operation of the API, asked what a generator comes up with: none fails, none lets a stranger in."""

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import schemathesis
import uvicorn
from fastapi import FastAPI
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

from console.api.app import create_app
from console.api.room import Room
from desk.adapters.settings import settings as desk_settings
from desk.model.access import Rights, Visitor
from tests.console.api.conftest import LINK, token

EXAMPLES = int(os.environ.get("DESK_API_EXAMPLES", "6"))
"""How often each operation is asked."""

_DOCUMENT = "/api/openapi.json"
_CHECKS = [
    *(not_a_server_error, status_code_conformance, content_type_conformance),
    *(response_headers_conformance, response_schema_conformance, negative_data_rejection),
]
_OWN = ("/login", "/api/session")
"""What everybody may do about their own way in and out."""

_Ask = Callable[[schemathesis.Case], None]


@pytest.fixture
def served(home: Path, traded_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the API, served over real HTTP for the test's own installation, to whoever calls often."""
    monkeypatch.setenv("DESK_API_CALLS_PER_MINUTE", "1000000")
    monkeypatch.setenv("DESK_API_STRANGERS_PER_MINUTE", "1000000")
    desk_settings.cache_clear()
    shutil.copy(traded_template, home / "desk.db")
    room = Room(desk_settings(), owner=Visitor("ana", Rights.ADMIN), key=LINK)
    with _serving(create_app(room)) as address:
        yield address


@contextmanager
def _serving(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def operations(address: str) -> list[APIOperation]:
    document = requests.get(address + _DOCUMENT, headers=token(Rights.READ), timeout=10).json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=address)
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert found
    return found


def each(operation: APIOperation, ask: _Ask) -> None:
    """Ask an operation with some of what its parameters and its body may be."""

    @settings(
        max_examples=EXAMPLES,
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
            each(operation, ask)
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
