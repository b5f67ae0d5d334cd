"""Final output of a command that drove incidents: their endings, and its exit code."""

import argparse
from collections.abc import Sequence

from graph.console import cli
from graph.reports.prose import answering
from incident.ending import Ending, Outcome
from tools.ports import Row


def tell(
    arguments: argparse.Namespace,
    ended: Sequence[tuple[Ending, Row]],
    worst: Ending,
    left_out: Sequence[str] = (),
    questions: Sequence[str] = (),
) -> int:
    """Print the endings, as JSON or as a sentence, and return the exit code of the worst one."""
    if arguments.json:
        cli.emit(
            {
                "outcome": worst.outcome.value,
                "reason": worst.reason,
                "exit_code": worst.exit_code,
                "incidents": [
                    {
                        "id": row.id,
                        "service": row.service,
                        "outcome": ending.outcome.value,
                        "reason": ending.reason,
                        "exit_code": ending.exit_code,
                        "plan": row.plan,
                    }
                    for ending, row in ended
                ],
                **({"left_out": [*left_out]} if left_out else {}),
                **({"questions": [*questions]} if questions else {}),
            }
        )
    else:
        cli.write(f"{worst.outcome.value}: {worst.reason}")
        # Without an incident the ending's own reason says them.
        for question in questions if ended else ():
            cli.write(f"left to you: {question}")
        for row in (row for ending, row in ended if ending.outcome is Outcome.WAITING and row.plan):
            cli.write(f"decide: {answering(row.id, row.plan)} [--reject] [--reason TEXT]")
    return worst.exit_code
