"""Makes the recordings of stack traces: runs the programs beside this file with the runtimes that this machine has.

``python -m tests.unit.frames.record`` writes ``recordings/LANGUAGE-VERSION/CASE.txt``, each with what one run wrote to
standard error.  A program runs in a temporary folder, whose name is replaced by ``/srv/shop``; nothing else is changed.
.NET is compiled by Mono's ``mcs`` and run by the program that ``SUTURE_DOTNET`` names, or by ``mono``.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

PROGRAMS = Path(__file__).with_name("programs")
RECORDINGS = Path(__file__).with_name("recordings")
ROOT = "/srv/shop"
MOST = 60_000
"""Bytes of one recording: a Go program whose stack overflows writes more, and what comes later tells nothing new."""

CASES = {
    "python": "cause context hidden group grouped_cause task_group syntax indentation recursion many_lines notes "
    "comprehension mutual evaluated attribute logged in_json exit_cleanly",
    "java": "cause deep suppressed lines silent overflow lambda future reflected circular parsed named",
    "go": "nil index error wrapped text value pointer number value_receiver generic recovered repanic same served stack "
    "goroutine maps cast overflow closed",
    "node": "cause deep plain async all any evaluated virtual method constructed native json file code lines empty text "
    "syntax overflow logged stack json_line inspected timer module",
    "ruby": "cause deep plain missing lines empty evaluated syntax integer down thread top bottom coloured joined "
    "framework json",
    "dotnet": "cause deep aggregate async lines empty nothing generic indexer parsed linq rethrown logged initialised",
    "mono": "cause deep aggregate async lines empty nothing generic indexer parsed linq rethrown logged initialised",
}


def runtimes() -> Iterator[tuple[str, str, list[str]]]:
    """Language, version and the words that start a program, of every runtime that is found."""
    pythons = sorted(Path("~/.pyenv/versions").expanduser().glob("3.1[1-9]*/bin/python"))
    for python in map(str, pythons or [Path(sys.executable)]):
        yield "python", _said(python, "--version"), [python]
    if shutil.which("javac"):
        homes = {str(Path(java).resolve()) for java in (shutil.which("java") or "", *map(str, _javas())) if java}
        for java in sorted(homes):
            yield "java", _said(java, "-version"), [java]
    if shutil.which("go"):
        yield "go", _said("go", "version"), []
    if shutil.which("node"):
        yield "node", _said("node", "--version"), ["node"]
    if shutil.which("ruby"):
        yield "ruby", _said("ruby", "--version"), ["ruby"]
    if shutil.which("mcs"):
        if dotnet := os.environ.get("SUTURE_DOTNET"):
            yield "dotnet", _said(dotnet, "--info", pattern=r"Version: *(\d+\.\d+)"), [dotnet]
        if shutil.which("mono"):
            yield "mono", _said("mono", "--version"), ["mono", "--debug"]


def _javas() -> Iterator[Path]:
    return Path("/usr/lib/jvm").glob("*/bin/java")


def _said(*command: str, pattern: str = r"(\d+\.\d+)") -> str:
    """The major and the minor version."""
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    found = re.search(pattern, run.stdout + run.stderr)
    return found.group(1) if found else "unknown"


def prepared(language: str, starter: list[str], folder: Path) -> Callable[[str], list[str]]:
    """The programs of a language laid out and built in a folder; gives the command of a case."""
    source = PROGRAMS / {"mono": "dotnet"}.get(language, language)
    shutil.copytree(source, folder, dirs_exist_ok=True)
    match language:
        case "python":
            for path in folder.glob("*.txt"):
                path.rename(path.with_suffix(""))
        case "java":
            _build(
                folder, "javac", "-g", "--release", "17", "-d", "classes", "shop/Main.java", "shop/prices/Prices.java"
            )
        case "go":
            _build(folder, "go", "mod", "tidy")
            _build(folder, "go", "build", "-o", "program", ".")
        case "mono":
            _build(folder, "mcs", "-debug", "-out:Shop.exe", "Main.cs", "Prices.cs")
        case "dotnet":
            _build(folder, "mcs", "-debug:portable", "-out:Shop.dll", "Main.cs", "Prices.cs")
            framework = '{"name": "Microsoft.NETCore.App", "version": "3.1.0"}'
            (folder / "Shop.runtimeconfig.json").write_text(f'{{"runtimeOptions": {{"framework": {framework}}}}}')
    program = PROGRAM[language]
    return lambda case: [*starter, *(word.format(folder=folder, case=case) for word in program)]


PROGRAM = {
    "python": ["{folder}/main.py", "{case}"],
    "java": ["-cp", "{folder}/classes", "shop.Main", "{case}"],
    "go": ["{folder}/program", "{case}"],
    "node": ["{folder}/main.js", "{case}"],
    "ruby": ["{folder}/main.rb", "{case}"],
    "dotnet": ["{folder}/Shop.dll", "{case}"],
    "mono": ["{folder}/Shop.exe", "{case}"],
}
"""What follows the runtime on the command line."""


def _build(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)


def run(command: list[str], folder: Path) -> str:
    """Standard error of a run, with the folder's name replaced."""
    surroundings = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    surroundings |= {"GOTRACEBACK": "single", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, check=False, timeout=60)
    return done.stderr.decode(errors="replace").replace(str(folder), ROOT)[:MOST]


def recordings(language: str, starter: list[str]) -> Iterator[tuple[str, str]]:
    """Each case of a language with what it wrote."""
    with tempfile.TemporaryDirectory(prefix="frames-") as made:
        folder = Path(made).resolve()
        command = prepared(language, starter, folder)
        for case in CASES[language].split():
            yield case, run(command(case), folder)


def main() -> None:
    """Record everything anew, or only the languages that are named."""
    for language, version, starter in runtimes():
        if sys.argv[1:] and language not in sys.argv[1:]:
            continue
        target = RECORDINGS / f"{language}-{version}"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for case, told in recordings(language, starter):
            (target / f"{case}.txt").write_text(told, encoding="utf-8")
        sys.stdout.write(f"{target.name}: {len(list(target.iterdir()))}\n")


if __name__ == "__main__":
    main()
