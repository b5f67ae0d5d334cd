"""``python -m evals.lab up|down|status|state|shift|deploy|configure|fire --world DIR``, and ``check FAULT``: see ``docs/lab.md``."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from evals.lab import check, command, faults, places, runtime, steering
from incident.errors import BadInput
from tools import program


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Exit code 0 when it worked, 1 when the world could not do it, 2 for bad input, 3 when the world itself misbehaved.
    """
    given = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = given.run
    try:
        return run(given)
    except BadInput as error:
        sys.stderr.write(f"evals.lab: {error}\n")
        return 2
    except command.Void as error:
        sys.stderr.write(f"evals.lab: {error}\n")
        return command.VOID
    except (command.Failed, steering.Unreachable, runtime.NoRuntime, places.Occupied) as error:
        sys.stderr.write(f"evals.lab: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _up(given: argparse.Namespace) -> int:
    start = command.start_of(given.sidecar) if given.sidecar else command.Start()
    chosen = {"fault": given.fault, "seed": given.seed, "lease": given.lease}
    start = start.model_copy(update={name: value for name, value in chosen.items() if value is not None})
    if start.fault is not None:
        faults.load(start.fault, given.faults)
    quiet: Callable[[str], object] = (lambda _: None) if given.json else lambda line: sys.stderr.write(line + "\n")
    started = command.up(
        given.world, _private(given), start, wait_alert=given.wait_alert, tell=quiet, more=given.faults
    )
    sys.stdout.write(json.dumps(started) + "\n")
    return 0


def _down(given: argparse.Namespace) -> int:
    command.down(given.world, _private(given))
    return 0


def _status(given: argparse.Namespace) -> int:
    found = command.status(given.world, _private(given))
    sys.stdout.write(json.dumps(found) + "\n")
    return 0 if found["running"] else 1


def _steer(given: argparse.Namespace) -> int:
    fields = {"op": given.command, **{name: getattr(given, name) for name in given.fields}}
    try:
        order = steering.ORDER.validate_python(fields)
    except ValidationError as error:
        raise BadInput(given.command, fields, str(error.errors()[0]["msg"])) from error
    answer = steering.send(_private(given), order)
    sys.stdout.write(json.dumps(answer) + "\n")
    return 1 if "error" in answer else 0


def _check(given: argparse.Namespace) -> int:
    quiet: Callable[[str], object] = (lambda _: None) if given.json else lambda line: sys.stderr.write(line + "\n")
    found = check.check(given.fault, given.faults, seed=given.seed, tell=quiet)
    short = found.shortcomings
    told = {**found.model_dump(mode="json"), "shortcomings": list(short), "passed": not short and not found.void}
    sys.stdout.write(json.dumps(told) + "\n" if given.json else check.report(found))
    if found.mistakes:
        return 2
    return command.VOID if found.void else 1 if short else 0


def _private(given: argparse.Namespace) -> Path:
    return places.private(given.world, given.private)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program.called("lab"), description="A live miniature of production.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--world", type=Path, required=True, metavar="DIR", help="the world's folder")
    common.add_argument("--private", type=Path, metavar="DIR", help="where the steering socket lies")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", parents=[common], help="start a world that outlives this command")
    up.add_argument("--fault", help="what will go wrong: a folder of evals/lab/faults, or of --faults")
    up.add_argument(
        "--faults", type=Path, action="append", default=[], metavar="DIR", help="a further folder of faults; repeatable"
    )
    up.add_argument("--sidecar", type=Path, metavar="FILE", help="NAME.lab.yaml beside an example payload")
    up.add_argument("--seed", type=int, help="of users and routing (default 1)")
    up.add_argument("--lease", type=float, metavar="SECONDS", help="end unless renewed (default: 2 h, fixed)")
    up.add_argument("--wait-alert", action="store_true", help="wait until a rule fires, and print the payload")
    up.add_argument("--json", action="store_true", help="nothing but the one JSON line")
    up.set_defaults(run=_up)
    trying = commands.add_parser("check", help="try a fault without a healer, and say what it reaches")
    trying.add_argument("fault", help="a folder of evals/lab/faults, or of --faults")
    trying.add_argument(
        "--faults", type=Path, action="append", default=[], metavar="DIR", help="a further folder of faults; repeatable"
    )
    trying.add_argument("--seed", type=int, default=1, help="of users and routing (default 1)")
    trying.add_argument("--json", action="store_true", help="nothing but one JSON line")
    trying.set_defaults(run=_check)
    for name, run, told in (("down", _down, "end a world"), ("status", _status, "whether a world runs, and where")):
        commands.add_parser(name, parents=[common], help=told).set_defaults(run=run)
    shift = commands.add_parser("shift", parents=[common], help="let further kinds of users come")
    shift.add_argument("--kinds", type=json.loads, required=True, metavar="JSON", help='{"kind": share of arrivals}')
    shift.set_defaults(run=_steer, fields=("kinds",))
    deploy = commands.add_parser("deploy", parents=[common], help="deploy the fault's next release now")
    deploy.set_defaults(run=_steer, fields=())
    counts = commands.add_parser("counts", parents=[common], help="what the load generator saw")
    counts.set_defaults(run=_steer, fields=())
    state = commands.add_parser("state", parents=[common], help="whether the world is calm, and what makes a run void")
    state.set_defaults(run=_steer, fields=())
    configure = commands.add_parser("configure", parents=[common], help="change or unset a configuration value")
    for name in ("service", "key"):
        configure.add_argument(f"--{name}", required=True)
    configure.add_argument("--value", help="without it the key is unset")
    configure.set_defaults(run=_steer, fields=("service", "key", "value"))
    fire = commands.add_parser("fire", parents=[common], help="report a rule as firing: a false alarm")
    fire.add_argument("--service", required=True)
    fire.add_argument("--seconds", type=float, default=300.0)
    fire.set_defaults(run=_steer, fields=("service", "seconds"))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
