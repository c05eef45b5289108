"""Group 10: options, which the desk does not trade."""

from tests.contracts.venues.rows.listing import untried

untried(
    "the desk trades currencies, metals, coins and perpetuals, no options",
    E90="a limit order to buy an option",
    E91="a limit order to sell an option",
    E92="a limit order at a price of another kind",
    E94="a type of order that options do not have",
    E96="a stop on an option is refused",
    E99="an option order, all or nothing",
    E100="an option order is cancelled",
    E101="an option position of an earlier process",
)
