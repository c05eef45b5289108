"""An installation for the tests of the tasks."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from prefect import Flow, flow

from tests.flows.installation import installation, ledger_template

__all__ = ["as_flow", "installation", "ledger_template"]


@pytest.fixture
def as_flow(prefect_api, tmp_path) -> Callable[..., Flow[Any, Any]]:
    """Make a flow of a function, with the result storage in the test's folder.

    Without one Prefect asks its server for it, with a client that it does not close.
    """
    return partial(flow, persist_result=False, validate_parameters=False, result_storage=tmp_path)
