"""The command ``suture COMMAND …``: puts the house first on the import path and hands over to the command's module.

In a checkout the house is the folder above; in an installation it lies in ``_house``, so that its plain names (``agents``,
``tools``) meet nobody else's.  ``suture -m MODULE …`` runs a module of the house as ``python -m MODULE …`` does there.
"""

import os.path
import runpy
import sys

COMMANDS = {
    "run": ("graph.run", "heal what an alert is about"),
    "investigate": ("graph.investigate", "explain an old incident from a folder of exports"),
    "record": ("graph.record", "write such a folder from a live world, for a bug report"),
    "list": ("graph.list", "open and waiting incidents"),
    "approve": ("graph.approve", "answer one that waits for a person, and go on"),
    "control": ("graph.control", "pause, resume or abort one; the kill switch"),
    "steer": ("graph.steer", "say where the cause of a running one lies, or not"),
    "feedback": ("graph.feedback", "say whether an ended one was handled rightly"),
    "resume": ("graph.resume", "go on with what a crash left unfinished"),
    "explain": ("graph.explain", "what happened in an incident, and why"),
    "replay": ("graph.replay", "decide everything again from the record, and compare"),
    "audit": ("graph.audit", "verify, export and anchor the audit chain"),
    "limits": ("graph.limits", "every threshold, as TOML for SUTURE_LIMITS"),
    "doctor": ("graph.doctor", "what this installation would do, and what it may write"),
    "demo": ("evals.demo", "break a live service on this machine and watch it being healed"),
    "lab": ("evals.lab", "start, break and stop the embedded lab"),
}
"""What a user may call, with the module that does it."""

REFUSED = 2

_HERE = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 (pathlib would double the start of --help)
_HOUSE = os.path.join(_HERE, "_house")  # noqa: PTH118 (the same)


def main() -> int:
    """Entry point of the installed command."""
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write(_help())
        return 0
    if words[0] in ("-V", "--version"):
        from suture import __version__  # noqa: PLC0415 (a child is started by this file's path, where there is no package)

        sys.stdout.write(f"suture {__version__}\n")
        return 0
    if words[0] == "-m" and len(words) > 1:
        module, called, rest = words[1], words[1], words[2:]
    elif words[0] in COMMANDS:
        module, called, rest = COMMANDS[words[0]][0], f"suture {words[0]}", words[1:]
    else:
        sys.stderr.write(f"suture: {words[0]!r} is no command: suture --help lists them\n")
        return REFUSED
    sys.path.insert(0, _HOUSE if os.path.isdir(_HOUSE) else os.path.dirname(_HERE))  # noqa: PTH112, PTH120 (as above)
    sys.argv = [called, *rest]
    runpy.run_module(module, run_name="__main__")
    return 0


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  suture {name:<{width}}  {what}" for name, (_, what) in COMMANDS.items()]
    return "\n".join(("usage: suture COMMAND …", "", *lines, "", "suture COMMAND --help says more.", ""))


if __name__ == "__main__":
    sys.exit(main())
