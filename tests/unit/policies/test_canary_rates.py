"""What the canary's judge concludes about simulated rollouts, and how often it is wrong.

`python -m tests.unit.policies.test_canary_rates` prints the table over more runs.
"""

import sys

import pytest

from tests.unit.policies.rollouts import World, many, run, share, worse

RUNS = 40

WORLDS = {
    "cured": World(),
    "cured, recorder keeps all": worse(sampled=1.0),
    "cured, kind unknown": World(sampled=None),
    "cured, +1 % new errors": worse(new=0.01),
    "cured, +5 % new errors": worse(new=0.05),
    "cured, +10 % new errors": worse(new=0.10),
    "cured, +10 % slow": worse(new_slow=0.10),
    "half cured": worse(uncured=0.5),
    "uncured": worse(uncured=1.0),
    "uncured, recorder keeps all": worse(uncured=1.0, sampled=1.0),
    "cured, the kind never reaches it": World(sticky=True),
    "cured, leaking 3 MiB/s": worse(leak=1048576.0 * 3),
}


def test_a_cured_canary_is_promoted_within_half_a_minute() -> None:
    outcomes = many(World(), RUNS)
    assert share(outcomes, "promote") >= 0.95
    assert sorted(outcome.seconds for outcome in outcomes)[RUNS // 2] <= 25.0


def test_a_cured_canary_is_promoted_when_the_kind_cannot_be_told() -> None:
    assert share(many(World(sampled=None), RUNS), "promote") >= 0.95


@pytest.mark.parametrize(
    "name",
    [
        "cured, +5 % new errors",
        "cured, +10 % new errors",
        "cured, +10 % slow",
        "half cured",
        "uncured",
        "uncured, recorder keeps all",
        "cured, leaking 3 MiB/s",
    ],
)
def test_a_canary_that_is_worse_or_not_cured_never_reaches_full_traffic(name: str) -> None:
    assert share(many(WORLDS[name], RUNS), "promote") == 0.0


@pytest.mark.parametrize(
    ("name", "seconds"), [("uncured", 12.0), ("cured, +10 % new errors", 15.0), ("cured, +5 % new errors", 40.0)]
)
def test_a_bad_canary_is_rolled_back_long_before_its_deadline(name: str, seconds: float) -> None:
    outcomes = many(WORLDS[name], RUNS)
    assert sorted(outcome.seconds for outcome in outcomes)[int(RUNS * 0.9)] <= seconds


def test_a_kind_that_never_reaches_the_canary_is_not_taken_for_cured() -> None:
    outcomes = many(World(sticky=True), 10)
    assert share(outcomes, "promote") == 0.0
    # The control: without the recorder's word the split alone is misled.
    misled = many(World(sticky=True, sampled=None), 10)
    assert share(misled, "promote") > 0.9


def test_a_cured_canary_finishes_after_its_time_at_full_traffic() -> None:
    outcome = run(World(), 1, until="finish")
    assert outcome.choice == "finish"


def test_a_starved_canary_is_rolled_back_at_its_deadline() -> None:
    outcome = run(worse(rate=1.0), 1)
    assert (outcome.choice, outcome.seconds) == ("roll_back", 60.0)


def main(runs: int) -> None:
    """Print the table."""
    sys.stdout.write(f"{runs} runs each, 80 requests/s, stable fails 15 %, both 0.3 % besides\n")
    for name, world in WORLDS.items():
        outcomes = many(world, runs)
        times = sorted(outcome.seconds for outcome in outcomes)
        requests = sum(outcome.requests for outcome in outcomes) / runs
        sys.stdout.write(
            f"{name:34} promoted {share(outcomes, 'promote'):6.1%}  rolled back {share(outcomes, 'roll_back'):6.1%}"
            f"  median {times[runs // 2]:3.0f} s  p95 {times[int(runs * 0.95)]:3.0f} s  mean requests {requests:6.0f}\n"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]))
