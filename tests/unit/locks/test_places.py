"""The rules of claiming on their own."""

from hypothesis import given
from hypothesis import strategies as st

from tools.locks import places

NAMES = st.lists(st.sampled_from("abcd"), max_size=3, unique=True)
WISHES = st.builds(
    lambda owner, exclusive, shared: places.request(owner, exclusive or ["z"], shared, 10.0),
    st.sampled_from("xyz"),
    NAMES,
    NAMES,
)


@given(one=WISHES, other=WISHES)
def test_being_in_the_way_of_each_other_is_mutual(one: places.Request, other: places.Request) -> None:
    assert places.conflict(one, other) is places.conflict(other, one)


@given(request=WISHES)
def test_an_exclusive_claim_conflicts_with_its_like_and_a_shared_one_does_not(request: places.Request) -> None:
    assert places.conflict(request, request)
    shared = places.Request("other", (), tuple(sorted({*request.exclusive, *request.shared})), 10.0)
    assert not places.conflict(shared, shared)
    assert places.conflict(request, shared)


@given(request=WISHES)
def test_nobody_is_in_their_own_way(request: places.Request) -> None:
    known = [places.Place(1, 5, 0, request), places.Place(2, None, 0, request)]
    assert places.in_the_way(request, 9, known) == ()
    assert places.in_the_way(request, None, known) == ()


@given(one=WISHES, other=WISHES)
def test_of_two_that_wait_for_each_other_one_goes_first(one: places.Request, other: places.Request) -> None:
    """Without that a queue could stand still for ever."""
    first, second = places.Place(1, None, 0, one), places.Place(2, None, 0, other)
    assert places.in_the_way(one, 1, [first, second]) == ()


def test_a_place_is_dead_only_when_it_was_watched_without_a_move_for_its_whole_time() -> None:
    watch, request = places.Watch(), places.request("a", ["r"], [], 10.0)
    place = places.Place(1, 5, 0, request)
    assert watch.dead([place], 100.0) == ()
    assert watch.dead([place], 109.9) == ()
    assert watch.dead([place], 110.0) == (place,)
    moved = places.Place(1, 5, 1, request)
    assert watch.dead([moved], 111.0) == ()
    assert watch.dead([place], 112.0) == (), "a counter set back has moved too"


def test_a_place_that_was_gone_is_watched_from_anew() -> None:
    watch, place = places.Watch(), places.Place(1, 5, 0, places.request("a", ["r"], [], 10.0))
    watch.dead([place], 100.0)
    watch.dead([], 105.0)
    assert watch.dead([place], 111.0) == ()


def test_it_is_known_when_somebody_may_be_dead_next() -> None:
    watch = places.Watch()
    long = places.Place(1, 5, 0, places.request("a", ["r"], [], 10.0))
    short = places.Place(2, 6, 0, places.request("b", ["s"], [], 3.0))
    watch.dead([long, short], 100.0)
    assert watch.soonest([long, short], 101.0) == 2.0
    assert watch.soonest([long], 101.0) == 9.0
    assert watch.soonest([short], 105.0) == 0.0
    assert watch.soonest([], 101.0) == float("inf")
