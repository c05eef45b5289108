"""What may start a trade, and the rules that say which trade: `Rule` is a line of `when` and what follows from it."""

from desk.universe.triggers.base import Trigger
from desk.universe.triggers.new_extreme import NewExtreme
from desk.universe.triggers.price_move import PriceMove
from desk.universe.triggers.rule import AnyTrigger, Direction, Rule, RuleSide
from desk.universe.triggers.volume_surge import VolumeSurge

__all__ = ["AnyTrigger", "Direction", "NewExtreme", "PriceMove", "Rule", "RuleSide", "Trigger", "VolumeSurge"]
