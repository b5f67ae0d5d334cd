"""Heal what an alert is about: ``python -m graph.run ALERT.json``.

Exit codes: 0 healed or nothing to do, 3 rolled back, 4 rejected, 5 escalated, 6 waiting for a
person, 2 the input was refused, 1 an internal error.
"""

import argparse
import errno
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from graph.config import settings
from graph.config.settings import Settings
from graph.console import cli, observer
from graph.reports import outcome, timeline
from graph.runtime import cases, dating, questions, resumption, settlement
from graph.runtime.driver import Driver, Ended
from graph.runtime.interrupts import interruptible
from graph.setup import lab, stores, wiring, worlds
from graph.setup.renewal import renewed
from graph.state import Case
from incident.alert import MAX_BYTES, Payload, parse
from incident.ending import Ending, Outcome
from incident.errors import BadInput, Unavailable
from tools import attempt, program
from tools.clock import SystemClock
from tools.ports import Row, World
from tools.records import files

NOTHING = Payload(alerts=())


@dataclass(frozen=True)
class Opened:
    """A world to heal in, and the alert as that world fired it."""

    settings: Settings
    world: World
    split: cases.Cases
    ours: bool
    """True for a world that this run (or an earlier one of the same payload) started, and so renews."""
    payload: Payload = NOTHING
    """The alerts as they came in, of which `split` was made."""


def main() -> int:
    """Entry point."""
    parser = cli.Parser(prog=program.called("run"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument("alert", help="alerts as Alertmanager, Grafana or Prometheus send them; - reads standard input")
    parser.add_argument("--world", choices=("lab",), help="start the embedded lab for this alert")
    parser.add_argument("--recording", type=Path, metavar="DIR", help="look at a folder of exports; nothing is changed")
    parser.add_argument(
        "--as-of", default="", metavar="TIME", help="with --recording: what came later is not looked at"
    )
    parser.add_argument("--dry-run", action="store_true", help="everything up to the gates; nothing is changed")
    parser.add_argument("--record", type=Path, metavar="DIR", help="copy the incident's records into this folder")
    parser.add_argument("--report", action="store_true", help="print the report at the end instead of the timeline")
    parser.add_argument("--json", action="store_true", help="print the ending as JSON instead of the timeline")
    return cli.main(parser, run, acts=True)


def run(arguments: argparse.Namespace) -> int:
    """Read the alert, find the world, drive each incident in it, and print their endings."""
    chosen = chosen_by(arguments)
    payload = parse(read(arguments.alert))
    if not payload.firing():
        return quiet(arguments, chosen, payload)
    # Everything that can be refused is refused before anything is written.
    models = wiring.built(chosen)
    opened = configured(arguments, chosen, payload)
    shared = stores.connect(chosen)
    settlement.settle(shared)
    opened = dated(opened or started(arguments, chosen), shared)
    name, url = opened.world.platform.world(), opened.settings.world_url
    if url:
        observer.shown("where the world answers could not be kept", lambda: shared.remember(name, url))
    _announced(opened)
    asked = questions.asked(shared, opened.split.questions) if opened.split.questions else None
    if asked is not None and not opened.split.cases:
        return outcome.tell(arguments, [], asked, opened.split.left_out, opened.split.questions)
    screen = None if arguments.json or arguments.report else cli.console()
    if screen is not None and any(known(shared, case) for case in opened.split.cases):
        # A new incident names the world in the first line of its timeline.
        cli.write(f"world: {opened.world.name}")
    ended: list[Ended] = []
    failed: list[Exception] = []
    with renewed(opened.world, lab.LEASE, active=opened.ours) as keep_alive:
        for case in opened.split.cases:
            listener = observer.silent if screen is None else timeline.Timeline(screen)
            work = Driver(opened.settings, shared, opened.world, listener, keep_alive, models)
            ended += unfinished(opened, shared, case, work)
            with interruptible(shared, case.incident), attempt.collected(failed):
                ended.append(work.start(case))
    worst = judged(ended, failed, asked)
    row = max(ended, key=lambda item: item[0].exit_code)[1]
    folder = stores.folder(shared, row.id)
    if arguments.record is not None:
        said = f"the records are in {folder.folder}, and were not all copied to {arguments.record}"
        observer.shown(said, lambda: copied(folder.folder, arguments.record))
    timeline.close(screen, folder)
    if arguments.report and not arguments.json:
        observer.shown("a report could not be shown", lambda: _reported(shared, ended))
    return outcome.tell(arguments, ended, worst, opened.split.left_out, opened.split.questions)


def chosen_by(arguments: argparse.Namespace) -> Settings:
    """Return the settings of the environment, or for the recording that was named.  Raises BadInput."""
    chosen = settings.load(os.environ, dry_run=arguments.dry_run)
    if arguments.recording is not None:
        return worlds.of_recording(chosen, arguments.recording, arguments.as_of)
    if arguments.as_of:
        raise BadInput("as-of", arguments.as_of, "name the recording that it is about with --recording")
    return worlds.observing(chosen)


def quiet(arguments: argparse.Namespace, chosen: Settings, payload: Payload) -> int:
    """Print the ending of a payload in which no alert asks for anything, and return its exit code."""
    now = SystemClock().now()
    if any(alert.status == "resolved" and not dating.believed(alert, now) for alert in payload.alerts):
        # When it fires again, it begins anew.
        attempt.failure(lambda: dating.dated(payload, stores.connect(chosen).incidents, now))
    counts = Counter("heartbeat" if alert.heartbeat else alert.status for alert in payload.alerts)
    said = ", ".join(f"{count} {what}" for what, count in counts.items())
    for stranger in payload.left_out:
        cli.say(f"left out: {stranger}")
    ending = Ending(outcome=Outcome.NO_ACTION, reason=f"no alert asks for anything ({said})")
    return outcome.tell(arguments, [], ending, payload.left_out)


def dated(opened: Opened, shared: stores.Stores) -> Opened:
    """Return what was opened, with the starts that cannot be believed replaced by when the alerts were first seen."""
    payload = dating.dated(opened.payload, shared.incidents, shared.clock.now())
    if payload is opened.payload:
        return opened
    return replace(opened, payload=payload, split=cases.of(opened.settings, opened.world, payload))


def _announced(opened: Opened) -> None:
    """Say what is left out of the alerts, and what of the world cannot be read."""
    for stranger in opened.split.left_out:
        cli.say(f"left out: {stranger}")
    for gap in opened.world.gaps():
        cli.say(f"not read: {gap.sought}: {gap.reason}")


def _reported(shared: stores.Stores, ended: list[Ended]) -> None:
    """Print the report of each incident, and where its records are."""
    for _, row in ended:
        folder = stores.folder(shared, row.id).folder
        cli.write(f"{(folder / 'report.md').read_text(encoding='utf-8')}\n\nrecords: {folder}")


def copied(folder: Path, target: Path) -> None:
    """Copy an incident's records.  A folder that exists keeps its mode, which may be open to all.  Raises OSError."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in sorted(folder.rglob("*")):
        place = target / path.relative_to(folder)
        if path.is_dir():
            place.mkdir(mode=0o700, exist_ok=True)
        elif place.is_symlink() or (place.exists() and not place.is_file()):
            raise FileExistsError(errno.EEXIST, "it is no file", str(place))
        else:
            files.replace(place, path.read_bytes())


def known(shared: stores.Stores, case: Case) -> bool:
    """True when the incident was there before."""
    # A store that does not answer keeps nobody from working on it.
    return isinstance(attempt.run(lambda: shared.incidents.find(case.incident)), Row)


def unfinished(opened: Opened, shared: stores.Stores, case: Case, work: Driver) -> Iterator[Ended]:
    """Resume first what a dead process left at the same service; an incident that cannot be resumed delays nothing.

    A dry run resumes nothing: finishing a half-made change, with that incident's own leave, would change the world.
    """
    found = attempt.run(lambda: resumption.left(shared, opened.settings, case))
    for row in () if isinstance(found, Exception) else found:
        if opened.settings.dry_run:
            cli.say(f"{row.id} is unfinished, and a dry run leaves it so: {program.called('resume')} {row.id}")
            continue
        with interruptible(shared, row.id):
            done = attempt.run(lambda row=row: resumption.taken_up(shared, work, row))  # type: ignore[misc]
        if isinstance(done, Exception):
            said = attempt.sentence(done)
            cli.say(f"{row.id} is unfinished and could not be resumed ({said}): {program.called('resume')} {row.id}")
        else:
            yield done


def judged(ended: list[Ended], failed: list[Exception], asked: Ending | None) -> Ending:
    """Return the worst ending; an incident that could not even be opened counts as escalated.

    Raises its error when there is no other incident.  `asked` is the ending of alerts that are a question.
    """
    if not ended:
        raise failed[0]
    worst = max((ending for ending, _ in ended), key=lambda ending: ending.exit_code)
    for error in failed:
        cli.say(f"one incident was not worked on: {attempt.sentence(error)}")
        if worst.exit_code < cli.ESCALATED:
            worst = Ending(outcome=Outcome.ESCALATED, reason=attempt.sentence(error))
    return asked if asked is not None and worst.exit_code < asked.exit_code else worst


def read(source: str) -> bytes:
    """Return the payload's bytes, at most one more than is accepted.  Raises BadInput."""
    try:
        if source == "-" and sys.stdin is not None:
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(source).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput("alert", source, f"name a file that can be read ({error.strerror})") from error


def configured(arguments: argparse.Namespace, chosen: Settings, payload: Payload) -> Opened | None:
    """Return the configured world; None when the embedded lab is to be started.  Raises BadInput when there is neither."""
    is_example = arguments.alert != "-" and lab.sidecar(Path(arguments.alert)) is not None
    if not worlds.named(chosen) and (is_example or arguments.world == "lab"):
        return None
    world = worlds.chosen(chosen)
    return Opened(chosen, world, cases.of(chosen, world, payload), ours=False, payload=payload)


def started(arguments: argparse.Namespace, chosen: Settings) -> Opened:
    """Return the embedded lab, started for an example payload or on request, and the alert that it fired.

    Only a lab that this very run started gets autonomy `auto`; in an earlier run's, an incident keeps its own leave.
    """
    alert = None if arguments.alert == "-" else Path(arguments.alert)
    known = None if alert is None else _remembered(chosen, alert)
    if known is not None:
        cli.say("going on in the lab that an earlier run of this payload started")
        found, world = known
        there = chosen.model_copy(update={"world_url": found.url})
    else:
        cli.say("starting the embedded lab and waiting for its own rule to fire")
        found = lab.start(chosen.home, alert)
        world = worlds.connect(found.url)
        if world.platform.world() != found.id:
            raise Unavailable(f"another world than the lab that was started answers at {found.url}")
        there = settings.for_lab(chosen, found.url, os.environ)
    return Opened(there, world, cases.of(there, world, found.payload), ours=True, payload=found.payload)


def _remembered(chosen: Settings, alert: Path) -> tuple[lab.Lab, World] | None:
    """Return the lab that an earlier run of this payload started, if the same lab still answers; else None."""
    known = lab.remembered(chosen.home, alert)
    if known is None:
        return None
    try:
        found: World | None = worlds.connect(known.url)
    except Unavailable:
        found = None
    if found is not None and found.platform.world() == known.id:
        return known, found
    lab.forget(chosen.home, alert)
    return None


if __name__ == "__main__":
    raise SystemExit(main())
