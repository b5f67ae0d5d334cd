"""Protocols for everything that the system asks of the world.

One protocol per thing; adapters live beside this folder and do not know each other.  Every method may raise
:class:`incident.errors.Unavailable`; anything else it raises is named in its docstring.  Times are aware datetimes in
UTC; durations are seconds; rates are shares between 0 and 1.
"""

from tools.ports.anchor import Anchor
from tools.ports.basics import Clock, Emergency, Notify, Tracer
from tools.ports.locks import Busy, Lease, Locks
from tools.ports.memory import Memories
from tools.ports.platform import Image, Platform, Runtime
from tools.ports.proof import Job, Limits, Prover, Ran, Sandbox, may_hold_tree
from tools.ports.repository import MAX_LOG, MAX_PATCH, Commit, Component, Proposal, Repository
from tools.ports.stores import DECISIONS, HOLD_SECONDS, Audit, Bookmark, Entry, Incidents, Ledger, RecordFolder, Row
from tools.ports.surroundings import Changes, Places
from tools.ports.telemetry import Captures, Logs, Metrics, Traces
from tools.ports.world import World

__all__ = [
    "DECISIONS",
    "HOLD_SECONDS",
    "MAX_LOG",
    "MAX_PATCH",
    "Anchor",
    "Audit",
    "Bookmark",
    "Busy",
    "Captures",
    "Changes",
    "Clock",
    "Commit",
    "Component",
    "Emergency",
    "Entry",
    "Image",
    "Incidents",
    "Job",
    "Lease",
    "Ledger",
    "Limits",
    "Locks",
    "Logs",
    "Memories",
    "Metrics",
    "Notify",
    "Places",
    "Platform",
    "Proposal",
    "Prover",
    "Ran",
    "RecordFolder",
    "Repository",
    "Row",
    "Runtime",
    "Sandbox",
    "Tracer",
    "Traces",
    "World",
    "may_hold_tree",
]
