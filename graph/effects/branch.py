"""Commit of a patch to the incident's own branch: an effect like any other, written to the ledger first."""

from pydantic import JsonValue

from graph.context import Context
from graph.effects import perform
from graph.state import Case
from incident.record import Acted, Intended
from incident.remedy import Patch


def name(case: Case) -> str:
    """Return the name of the branch for the incident's patch; what was taken back before has one of its own."""
    return f"suture/{case.incident}" + (f"-{case.taken_back + 1}" if case.taken_back else "")


def commit(context: Context, case: Case, patch: Patch) -> str:
    """Commit a patch to the incident's own branch and return the commit.

    The commit is a function of its content, so doing it again yields the same one.
    """
    branch = name(case)
    body: dict[str, JsonValue] = {"branch": branch, "base": patch.base_commit, "patch": patch.digest()}
    key = perform.effect_key(case.incident, case.service, "commit", body)
    entry = context.ledger.look(key)
    if entry is not None and entry.outcome is not None:
        perform.not_given_up(entry, "the commit")
        return str(entry.outcome["commit"])
    perform.guard(context, case)
    if entry is None:
        context.ledger.intend(key, case.incident, body, context.clock.now())
        context.journal.write("commit", Intended(key=key, target=branch, change=body))
    message = f"{patch.summary}\n\nIncident: {case.incident}\nService: {patch.service}\n"
    files = {edit.path: edit.after for edit in patch.edits}
    made = context.world.repository.commit(branch, patch.base_commit, files, message)
    context.ledger.conclude(key, {"commit": made}, context.clock.now())
    context.journal.write("commit", Acted(key=key, result="done", detail=f"{branch} is at {made[:12]}"))
    return made
