"""Diagnoses of the playbook over a dossier of some facts."""

from typing import Any

from agents import prompts, rca
from agents.budget import Budget
from agents.models import factory
from incident.diagnosis import Diagnosis
from incident.evidence import Span
from tests.unit.agents import doubles
from tools.scripted.clock import ManualClock


def diagnose(*facts: Any, spans: tuple[Span, ...] = ()) -> Diagnosis:
    view = doubles.view(*facts, spans=spans)
    diagnosis, _ = rca.investigate(view, factory.build(""), prompts.shipped("rca"), Budget(), ManualClock())
    return diagnosis
