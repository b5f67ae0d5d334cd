"""The demo: breaks a live service, waits for its own alert, heals it, and judges the result.

``make demo`` runs this, with the playbook.  ``--model`` lets the endpoint that ``OPENAI_BASE_URL``, ``OPENAI_API_KEY`` and
``OPENAI_MODEL`` name write the patch instead of the repair templates, with the budgets of ``graph.config.model_settings``; where
the plan waits for a person then, the demo approves it, and says so.  Everything shown is real: processes, requests,
samples, the sandbox, the canary.  Records stay in ``build/demo`` for ``graph.explain`` and ``graph.replay``.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from evals import picture
from evals.judging import hidden
from evals.lab import faults
from incident.ending import EXIT_CODES, Outcome
from tools import program

FAULT = "null-membership"
BUILD = Path("build/demo")
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""

APPROVER = "demo"

WORLD_SECONDS = 600
"""Seconds that the world stands unless somebody renews it."""

MODEL_SECONDS = 3600
"""The same when a model is asked, which may be a slow one on this machine."""

LEAVE = {"SUTURE_AUTONOMY": "auto", "SUTURE_PROFILE": "lab"}
"""Settings of the healer in the world that the demo starts: act alone, with limits for windows of seconds."""

OURS = ("OPENAI_", "SUTURE_")
"""Variables that would change what the demo shows."""


def main() -> int:
    """Run the demo once; exit code 0 when the service was healed and the hidden requests are answered rightly."""
    parser = argparse.ArgumentParser(prog=program.called("demo"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="seed of the load generator")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the timeline as an SVG picture")
    parser.add_argument("--build", type=Path, default=BUILD, help="folder for world and records")
    parser.add_argument("--model", action="store_true", help="ask the model that OPENAI_* name, and not the playbook")
    given = parser.parse_args()
    if given.model and not os.environ.get("OPENAI_MODEL"):
        parser.error("--model needs OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL")
    shutil.rmtree(given.build, ignore_errors=True)
    world, home = (given.build / "world").absolute(), (given.build / "home").absolute()
    world.mkdir(parents=True)
    home.mkdir(mode=0o700)
    say("starting a shop of ten services, and waiting until one of its own alerts fires")
    up = lab(
        "up",
        world,
        "--fault",
        FAULT,
        "--seed",
        str(given.seed),
        "--lease",
        str(MODEL_SECONDS if given.model else WORLD_SECONDS),
        "--wait-alert",
        "--json",
    )
    try:
        chosen = chosen_environment(os.environ, model=given.model)
        code = healed(json.loads(up.splitlines()[-1]), given.build, home, chosen, approve=given.model)
    finally:
        lab("down", world)
    if given.picture is not None:
        (journal,) = (home / "incidents").glob("*/decisions.jsonl")
        given.picture.write_text(picture.draw(journal.read_bytes().splitlines()))
    return code


def chosen_environment(environment: Mapping[str, str], *, model: bool) -> dict[str, str]:
    """The environment of the healer: whoever set variables for another run of Suture gets the demo all the same."""
    kept = {name: value for name, value in environment.items() if model or not name.startswith(OURS)}
    for name in ("SUTURE_HOME", "SUTURE_WORLD_URL", "SUTURE_LIMITS"):
        kept.pop(name, None)
    kept.update(LEAVE)
    return {"SUTURE_TEMPLATES": "off", **kept} if model else kept


def healed(up: dict[str, object], build: Path, home: Path, chosen: dict[str, str], *, approve: bool) -> int:
    """Hand the alert over, approve a plan that waits if `approve`, then judge what came out."""
    alert = build / "alert.json"
    alert.write_text(json.dumps(up["payload"], indent=2))
    say(f"the alert fired; the webhook payload is in {alert}")
    environment = {**chosen, "SUTURE_HOME": str(home), "SUTURE_WORLD_URL": str(up["url"])}
    leave = " ".join(f"{name}={value}" for name, value in LEAVE.items())
    say(f"{leave} SUTURE_WORLD_URL={up['url']} {program.called('run')} {alert}")
    code = watched(environment, "run", str(alert))
    opened = json.loads(graph("list", environment, "--all", "--json"))
    if not opened:
        return code
    incident = opened[0]["id"]
    if code == EXIT_CODES[Outcome.WAITING] and approve:
        plan = opened[0]["plan"]
        said = f"{program.called('approve')} {incident} --plan {plan} --as {APPROVER}"
        say(f"it waits for a person; the demo answers as one: {said}")
        code = watched(
            environment,
            "approve",
            incident,
            "--plan",
            plan,
            "--as",
            APPROVER,
            "--reason",
            "the demo approves whatever passed the gates",
        )
    say(graph("replay", environment, incident).strip())
    say(graph("audit", environment, "verify").strip())
    say(f"records: SUTURE_HOME={home} {program.called('explain')} {incident}")
    if code != 0:
        return code
    wrong = hidden.wrong_answers(str(up["url"]), faults.load(FAULT))
    say("the hidden requests are answered rightly" if not wrong else f"WRONG ANSWERS: {wrong}")
    return 1 if wrong else 0


def watched(environment: dict[str, str], command: str, *arguments: str) -> int:
    """Run one of the product's commands on this terminal; its exit code is returned."""
    line = program.line(f"graph.{command}", *arguments)
    with interrupts_are_the_childs():
        return subprocess.run(line, env=environment, check=False).returncode


@contextmanager
def interrupts_are_the_childs() -> Iterator[None]:
    """Ctrl-C reaches the whole foreground group: the healer takes back what it changed, and we wait for that."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def lab(command: str, world: Path, *arguments: str) -> str:
    """Run a command of the lab; its complaints are ours."""
    line = program.line("evals.lab", command, "--world", str(world), *arguments)
    return subprocess.run(line, stdout=subprocess.PIPE, text=True, check=True).stdout


def graph(command: str, environment: dict[str, str], *arguments: str) -> str:
    """Run one of the product's commands and return what it printed; a failure is the demo's."""
    line = program.line(f"graph.{command}", *arguments)
    return subprocess.run(line, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def say(text: str) -> None:
    """One line to whoever watches."""
    sys.stdout.write(f"demo: {text}\n")
    sys.stdout.flush()


def command() -> int:
    """Run the demo; an interrupt and a world that does not come up end in a sentence."""
    try:
        return main()
    except KeyboardInterrupt:
        say("interrupted; nothing is left running")
        return INTERRUPTED
    except subprocess.CalledProcessError as error:
        said = " ".join(str(word) for word in error.cmd[1:4])
        say(f"{said} ended with exit code {error.returncode}; what it said is above")
        return 1


if __name__ == "__main__":
    raise SystemExit(command())
