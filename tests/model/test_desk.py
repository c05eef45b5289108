"""Whatever happens to the desk, in whatever order: no order twice, no order lost, and the books are the venue's."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.model.machine import Desk

# A story takes half a second on an idle machine; how long all of them take depends on how many were asked for.
pytestmark = pytest.mark.timeout(3600)
EXAMPLES = int(os.environ.get("DESK_MODEL_EXAMPLES", "20"))
"""How many stories are told; `make drill` tells many more."""

TestDesk = Desk.TestCase
TestDesk.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
