"""Typed Prefect configuration that builds objects of the desk; `prefect block register -m blocks` finds all of it."""

from blocks.account import AccountBlock
from blocks.ledger import LedgerBlock
from blocks.notifier import NotifierBlock
from blocks.venue_credentials import VenueCredentials

__all__ = ["AccountBlock", "LedgerBlock", "NotifierBlock", "VenueCredentials"]
