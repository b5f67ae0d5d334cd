"""The sandbox's bench takes turns, and counts what is inside minus what is outside in the same round."""

from evals.bench import sandbox


def test_the_contenders_take_turns_and_the_first_round_does_not_count() -> None:
    asked: list[str] = []
    runs = {("true", way): (lambda way=way: asked.append(way)) for way in (sandbox.BARE, "in", "also in")}
    times = sandbox.measured(runs, 3)
    assert asked == [sandbox.BARE, "in", "also in"] * 4
    assert {len(found) for found in times.values()} == {3}


def test_the_cost_is_the_difference_within_a_round() -> None:
    times = {("true", sandbox.BARE): [1.0, 5.0], ("true", "in"): [1.5, 5.25], ("other", sandbox.BARE): [0.0, 0.0]}
    assert sandbox.costs(times) == {("true", "in"): [0.5, 0.25]}
