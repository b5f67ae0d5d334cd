"""Settlement of incidents that ended while their row could not be written.

The ending is in the emergency log, and people know of it.  The next process that opens the stores writes it into the
row.  Nothing is done to the world, because that was done, or told to a person, when it ended.
"""

from collections.abc import Mapping

from pydantic import JsonValue

from graph.console import cli
from graph.setup import stores
from incident.ending import Ending, Outcome
from tools import attempt


def settle(shared: stores.Stores) -> None:
    """Close each such incident whose process is gone.  A row that still cannot be written is tried next time."""
    for incident, said in stores.emergency(shared).endings().items():
        done = attempt.run(lambda one=incident, body=said: _closed(shared, one, body))  # type: ignore[misc]
        if isinstance(done, Exception):
            cli.say(f"that {incident} ended still cannot be written down: {attempt.sentence(done)}")
        elif isinstance(done, Ending):
            cli.say(f"{incident} had ended before, and is closed now: {done.outcome}: {done.reason}")


def _closed(shared: stores.Stores, incident: str, said: Mapping[str, JsonValue]) -> Ending | None:
    row = shared.incidents.find(incident)
    if row is None or row.status == "closed":
        return None
    # Ending an incident needs the policies, and a command waits for them only after a store had failed.
    from graph.runtime import abandonment  # noqa: PLC0415 (as said above)

    lines = said.get("lines")
    ending = Ending(
        outcome=Outcome.ESCALATED,
        reason=str(said.get("reason")),
        lines=tuple(map(str, lines)) if isinstance(lines, list) else (),
        stop=str(said.get("stop") or ""),
    )
    return abandonment.settle(shared, row, ending, str(said.get("running")))
