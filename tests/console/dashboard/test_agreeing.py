"""What a person is told of something that failed: that nothing was changed only where that is known."""

import pytest

from console.dashboard.agreeing import told_refused
from console.failures import NotResumable, NotUnderstood, PrefectNotReached, ResumedOrNot
from desk.errors import ConfigError, DeskError, LedgerBusy, LedgerError, LedgerUnwritable


@pytest.mark.parametrize("kind", [NotUnderstood, NotResumable, PrefectNotReached, ConfigError, LedgerBusy])
def test_what_was_refused_changed_nothing(kind: type[DeskError]):
    assert told_refused(kind("why")) == "Nothing was changed: why"


@pytest.mark.parametrize("kind", [ResumedOrNot, LedgerError, LedgerUnwritable])
def test_what_failed_on_the_way_may_have_changed_something(kind: type[DeskError]):
    assert told_refused(kind("why")) == "It is not known what was done; look before you order it again: why"
