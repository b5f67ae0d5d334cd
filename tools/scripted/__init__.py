"""Simulated world in memory, for tests, chaos runs and notebooks.  Nothing here is real; its name says so.

It moves with the clock that it is given and by expected counts, so the same clock always shows the
same world.
"""

from tools.scripted.proof import ScriptedProver, ScriptedSandbox
from tools.scripted.repository import ScriptedRepository
from tools.scripted.stage import Crashed, Outage, Stage, Trouble
from tools.scripted.world import ScriptedWorld, incident_world, load

__all__ = [
    "Crashed",
    "Outage",
    "ScriptedProver",
    "ScriptedRepository",
    "ScriptedSandbox",
    "ScriptedWorld",
    "Stage",
    "Trouble",
    "incident_world",
    "load",
]
