"""An installation for the tests of the blocks; no Prefect server unless a test asks for one."""

from tests.flows.installation import installation, ledger_template

__all__ = ["installation", "ledger_template"]
