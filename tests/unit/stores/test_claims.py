"""The rules of claiming on their own."""

from hypothesis import given
from hypothesis import strategies as st

from tools.locks import claims

NAMES = st.lists(st.sampled_from("abcd"), max_size=3, unique=True)
WISHES = st.builds(
    lambda owner, exclusive, shared: claims.wish(owner, exclusive or ["z"], shared, 10.0),
    st.sampled_from("xyz"),
    NAMES,
    NAMES,
)


@given(one=WISHES, other=WISHES)
def test_being_in_the_way_of_each_other_is_mutual(one: claims.Wish, other: claims.Wish) -> None:
    assert claims.conflict(one, other) is claims.conflict(other, one)


@given(wish=WISHES)
def test_an_exclusive_claim_conflicts_with_its_like_and_a_shared_one_does_not(wish: claims.Wish) -> None:
    assert claims.conflict(wish, wish)
    shared = claims.Wish("other", (), tuple(sorted({*wish.exclusive, *wish.shared})), 10.0)
    assert not claims.conflict(shared, shared)
    assert claims.conflict(wish, shared)


@given(wish=WISHES)
def test_nobody_is_in_their_own_way(wish: claims.Wish) -> None:
    places = [claims.Place(1, 5, 0, wish), claims.Place(2, None, 0, wish)]
    assert claims.in_the_way(wish, 9, places) == ()
    assert claims.in_the_way(wish, None, places) == ()


@given(one=WISHES, other=WISHES)
def test_of_two_that_wait_for_each_other_one_goes_first(one: claims.Wish, other: claims.Wish) -> None:
    """Without that a queue could stand still for ever."""
    first, second = claims.Place(1, None, 0, one), claims.Place(2, None, 0, other)
    assert claims.in_the_way(one, 1, [first, second]) == ()


def test_a_place_is_dead_only_when_it_was_watched_without_a_move_for_its_whole_time() -> None:
    watch, wish = claims.Watch(), claims.wish("a", ["r"], [], 10.0)
    place = claims.Place(1, 5, 0, wish)
    assert watch.dead([place], 100.0) == ()
    assert watch.dead([place], 109.9) == ()
    assert watch.dead([place], 110.0) == (place,)
    moved = claims.Place(1, 5, 1, wish)
    assert watch.dead([moved], 111.0) == ()
    assert watch.dead([place], 112.0) == (), "a counter set back has moved too"


def test_a_place_that_was_gone_is_watched_from_anew() -> None:
    watch, place = claims.Watch(), claims.Place(1, 5, 0, claims.wish("a", ["r"], [], 10.0))
    watch.dead([place], 100.0)
    watch.dead([], 105.0)
    assert watch.dead([place], 111.0) == ()


def test_it_is_known_when_somebody_may_be_dead_next() -> None:
    watch = claims.Watch()
    long = claims.Place(1, 5, 0, claims.wish("a", ["r"], [], 10.0))
    short = claims.Place(2, 6, 0, claims.wish("b", ["s"], [], 3.0))
    watch.dead([long, short], 100.0)
    assert watch.soonest([long, short], 101.0) == 2.0
    assert watch.soonest([long], 101.0) == 9.0
    assert watch.soonest([short], 105.0) == 0.0
    assert watch.soonest([], 101.0) == float("inf")
