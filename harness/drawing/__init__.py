"""Static SVG of what a run recorded, shared by reports and notebooks: no script, no asset, readable without colour."""

from harness.drawing.bars import verdicts_by_risk
from harness.drawing.lanes import webhook_lanes
from harness.drawing.sequence import timeline

__all__ = ["timeline", "verdicts_by_risk", "webhook_lanes"]
