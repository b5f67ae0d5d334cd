"""Says every mistake in the folder of a fault: ``python -m evals.validate FOLDER... | --schema [fault|oracle]``.

A folder is a fault's own, or one that holds folders of faults.  Exit codes: 0 no mistake, 2 some, one sentence each.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from evals.lab import faults, oracles, reading, validation
from evals.scenarios import spec
from incident.errors import BadInput

SCHEMAS: dict[str, type[BaseModel]] = {"fault": faults.Description, "oracle": oracles.Oracle}


def main(arguments: Sequence[str]) -> int:
    """Validate folders, or print a schema."""
    parser = argparse.ArgumentParser(prog="python -m evals.validate", description="Find every mistake in faults.")
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="a fault's folder, or one of several")
    parser.add_argument("--schema", nargs="?", const="fault", choices=SCHEMAS, help="print the JSON schema of a file")
    given = parser.parse_args(arguments)
    if given.schema:
        sys.stdout.write(schema(given.schema))
        return 0
    chosen = [folder for named in given.folders for folder in below(named)]
    found = [(folder.name, mistake) for folder in chosen for mistake in mistakes(folder)]
    wrong = [f"{name}/{mistake}" for name, mistake in found]
    if any(isinstance(mistake, reading.Mistake) for _, mistake in found):
        wrong.append("more may follow when these are mended: what could not be read was not looked at")
    if not chosen:
        wrong = [str(BadInput("FOLDER", " ".join(map(str, given.folders)), f"name a folder with a {faults.FILE}"))]
    sys.stderr.write("".join(f"evals.validate: {one}\n" for one in wrong))
    if not wrong:
        sys.stdout.write(f"{', '.join(folder.name for folder in chosen)}: no mistake\n")
    return 2 if wrong else 0


def below(folder: Path) -> tuple[Path, ...]:
    """The folder itself when it is a fault's, or those in it that are."""
    folder = folder.resolve()
    if (folder / faults.FILE).exists():
        return (folder,)
    return tuple(sorted(path.parent for path in folder.glob(f"*/{faults.FILE}")))


def mistakes(folder: Path) -> tuple[BadInput, ...]:
    """Everything that is wrong with a fault, and with the scenario that may stand beside it."""
    found = validation.mistakes(folder)
    if (folder / spec.FILE).exists():
        try:
            spec.load(folder)
        except BadInput as error:
            return (*found, error)
    return found


def schema(name: str) -> str:
    """The JSON schema of ``fault.yaml`` or ``oracle.yaml``."""
    return json.dumps(SCHEMAS[name].model_json_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
