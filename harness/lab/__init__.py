"""The harness in a notebook: run the suite, load what it recorded as data frames, draw it.

from harness.lab import Lab, Run, timeline, verdicts_by_risk

run = Lab().run("features/webhooks/forged.feature")
run.frame
verdicts_by_risk(run)
timeline(run, "A forged payment event changes nothing")
"""

from harness.lab.displays import Drawing, timeline, verdicts_by_risk, webhook_lanes
from harness.lab.launch import Lab, LabError
from harness.lab.run import Run, UnknownScenario

__all__ = [
    "Drawing",
    "Lab",
    "LabError",
    "Run",
    "UnknownScenario",
    "timeline",
    "verdicts_by_risk",
    "webhook_lanes",
]
