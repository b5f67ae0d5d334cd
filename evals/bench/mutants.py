"""Share of small changes of policies, locks, ledger and audit that the tests notice, on a sample drawn file by file.

mutmut makes the mutants (see pyproject.toml), runs the tests once to see which of them call which function, and
tries each mutant in a fork against those.  Tests over `--slow` seconds are left out, so what is reported is a lower
bound.  `python -m mutmut show NAME` shows a survivor, and `python -m mutmut run` tries all of them, with all tests.
"""

import fnmatch
import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import hypothesis
from mutmut import __main__ as mutmut
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.stats import status_by_exit_code
from mutmut.utils import file_utils
from mutmut.utils.format_utils import mangled_name_from_mutant_name
from mutmut.workers.isolation import MutantRunner, get_mutant_runner

from evals.bench import mutants_drawn, reporting
from evals.bench.mutants_drawn import Tried
from evals.bench.reporting import Target

MADE = Path("mutants")
STATS = MADE / "mutmut-stats.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = reporting.parser("mutants", __doc__ or "")
    parser.add_argument("--sample", type=int, default=250, help="how many mutants are tried (default 250)")
    parser.add_argument("--only", default="*", metavar="GLOB", help="only files or mutants of this name")
    parser.add_argument("--slow", type=float, default=1.0, metavar="SECONDS", help="leave out slower tests (default 1)")
    arguments = parser.parse_args(argv)
    file = arguments.json and arguments.json.absolute()
    runner = prepared(os.cpu_count() or 1)
    names = {str(data.path): _like(arguments.only, str(data.path), data.exit_code_by_key) for data in _files()}
    drawn = mutants_drawn.draw(names, 60 if arguments.quick else arguments.sample, arguments.seed)
    slow = {test for test, seconds in state().duration_by_test.items() if seconds > arguments.slow}
    ends = tried(runner, [name for found in drawn.values() for name in found], slow)
    found = [_counted(path, len(names[path]), {name: ends[name] for name in of}) for path, of in drawn.items()]
    share, size = mutants_drawn.weighted(found), sum(one.drawn for one in found)
    low, high = mutants_drawn.interval(share, size)
    show(found)
    sys.stdout.write(f"{share:.1%} of {sum(one.mutants for one in found):,} mutants, by a sample of {size}: ")
    sys.stdout.write(f"95 % between {low:.1%} and {high:.1%}; {len(slow)} slow tests were left out\n")
    targets = [Target(name="mutants that a test notices, weighted by file", measured=share, bound=0.90, at_most=False)]
    figures: Any = {
        "share": share, "interval": [low, high], "sample": size, "only": arguments.only,
        "left_out": sorted(slow), "files": [one.model_dump(mode="json") for one in found],
    }  # fmt: skip
    return reporting.conclude(targets, figures, file=file, seed=arguments.seed, quick=arguments.quick)


def prepared(workers: int) -> MutantRunner:
    """Mutate copies of the sources in mutants/, and see which tests call which function."""
    # What a test of drawn examples finds must not depend on the run, and how small it could be does not matter here.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, phases=phases)
    hypothesis.settings.load_profile("mutants")
    MADE.mkdir(exist_ok=True)
    set_mutant_under_test("mutant_generation")
    with mutmut.CatchOutput(spinner_title="Generating mutants"):
        file_utils.copy_src_dir()
        file_utils.copy_also_copy_files()
        file_utils.setup_source_paths()
        mutmut.create_mutants(workers)
    runner = get_mutant_runner(workers)
    _forget_changed_tests()
    mutmut.collect_or_load_stats(runner, apply_config_invalidation=True)
    mutmut.run_forced_fail_test(runner)
    return runner


def _forget_changed_tests() -> None:
    """Forget the calls of tests whose file has changed since, so that they are seen again."""
    if STATS.exists():
        known = json.loads(STATS.read_text())
        since = STATS.stat().st_mtime
        known["duration_by_test"] = {
            test: seconds
            for test, seconds in known["duration_by_test"].items()
            if (path := Path(test.partition("::")[0])).exists() and path.stat().st_mtime < since
        }
        STATS.write_text(json.dumps(known, indent=4))


def _files() -> list[SourceFileMutationData]:
    _, files = mutmut.collect_source_file_mutation_data(mutant_names=[])
    return list(files.values())


def _like(pattern: str, path: str, names: Mapping[str, object]) -> list[str]:
    return [name for name in names if fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(name, pattern)]


def tried(runner: MutantRunner, names: Sequence[str], slow: set[str]) -> dict[str, str]:
    """Fate of each mutant, in mutmut's words."""
    ends: dict[str, str] = {}

    def take() -> None:
        result = runner.wait_for_result()
        ends[result.mutant_name] = status_by_exit_code[result.exit_code]
        sys.stderr.write(
            f"{len(ends)}/{len(names)} {result.duration:.1f} s {ends[result.mutant_name]}: {result.mutant_name}\n"
        )

    runner.startup()
    for name in names:
        calling = state().tests_by_mangled_function_name.get(mangled_name_from_mutant_name(name), set()) - slow
        # The first that fails ends it.
        tests = sorted(calling, key=lambda test: (state().duration_by_test[test], test))
        seconds = sum(state().duration_by_test[test] for test in tests)
        while not runner.has_capacity():
            take()
        # The time on the processor decides, generously; by the clock a busy machine would look like a kill.
        runner.submit(name, tests, math.ceil(20 + 5 * seconds), seconds + 60)
    while runner.pending_count():
        take()
    runner.shutdown()
    return ends


def _counted(path: str, mutants: int, ends: Mapping[str, str]) -> Tried:
    killed = sum(end == "killed" for end in ends.values())
    timeouts = sum(end in ("timeout", "segfault") for end in ends.values())
    survived = tuple(sorted(name for name, end in ends.items() if end not in ("killed", "timeout", "segfault")))
    return Tried(file=path, mutants=mutants, killed=killed, timeouts=timeouts, survived=survived)


def show(found: Sequence[Tried]) -> None:
    """Print what became of the drawn mutants of each file, and name the survivors."""
    rows = [
        (
            one.file,
            *(f"{n:,}" for n in (one.mutants, one.drawn, one.killed, one.timeouts, len(one.survived))),
            f"{one.noticed:.0%}",
        )
        for one in found
    ]
    reporting.table("mutants", ("file", "mutants", "drawn", "killed", "timeouts", "survived", "share"), rows)
    for name in (name for one in found for name in one.survived):
        sys.stdout.write(f"survived: {name}\n")


if __name__ == "__main__":
    sys.exit(main())
