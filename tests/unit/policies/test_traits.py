"""What tells failing requests from healthy ones."""

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from policies import limits
from policies.diagnosis import traits

GUEST = ("body.customer:object", "body.customer.membership:null", "body.total:number")
MEMBER = ("body.customer:object", "body.customer.membership:object", "body.total:number")


def test_the_one_trait_that_only_failing_requests_have() -> None:
    assert traits.distinguish((GUEST,) * 20, (MEMBER,) * 40) == ("body.customer.membership:null",)


def test_a_few_other_errors_among_the_failing_do_not_blur_it() -> None:
    assert traits.distinguish((GUEST,) * 20 + (MEMBER,), (MEMBER,) * 40) == ("body.customer.membership:null",)
    assert traits.distinguish((GUEST,) * 20 + (MEMBER,) * 2, (MEMBER,) * 40) == ()


def test_one_healthy_request_in_a_hundred_may_have_it() -> None:
    assert traits.distinguish((GUEST,) * 20, (MEMBER,) * 99 + (GUEST,)) == ("body.customer.membership:null",)
    assert traits.distinguish((GUEST,) * 20, (MEMBER,) * 98 + (GUEST,) * 2) == ()


def test_two_traits_that_only_together_tell_them_apart() -> None:
    failing = (("a:null", "b:null", "c:number"),) * 10
    healthy = (("a:null", "c:number"),) * 20 + (("b:null", "c:number"),) * 20
    assert traits.distinguish(failing, healthy) == ("a:null", "b:null")


@pytest.mark.parametrize(("failing", "healthy"), [(2, 40), (20, 9), (0, 0), (20, 0), (0, 40)])
def test_too_little_to_compare_tells_nothing(failing: int, healthy: int) -> None:
    assert traits.distinguish((GUEST,) * failing, (MEMBER,) * healthy) == ()


def test_the_limits_are_the_limits() -> None:
    least = limits.Traits()
    assert traits.distinguish((GUEST,) * least.min_failing, (MEMBER,) * least.min_healthy) != ()


def test_requests_that_look_alike_are_not_told_apart() -> None:
    assert traits.distinguish((MEMBER,) * 20, (MEMBER,) * 40) == ()


def test_of_equal_traits_the_one_that_breaks_code_is_named() -> None:
    failing = (("x.flag:bool", "x.coupon:null"),) * 10
    assert traits.distinguish(failing, (("y:number",),) * 20) == ("x.coupon:null",)


def test_no_traits_match_nothing() -> None:
    assert traits.matches((), GUEST) is False
    assert traits.matches(("body.customer.membership:null",), GUEST) is True
    assert traits.matches(GUEST, GUEST) is True
    assert traits.matches(("body.customer.membership:null", "other:null"), GUEST) is False


CAPTURES = st.lists(st.lists(st.sampled_from("abcde"), max_size=5).map(tuple), min_size=3, max_size=25).map(tuple)


@examples(CAPTURES, CAPTURES)
def test_what_is_found_holds_what_it_promises(
    failing: tuple[tuple[str, ...], ...], healthy: tuple[tuple[str, ...], ...]
) -> None:
    bounds = limits.Traits(min_healthy=3)
    found = traits.distinguish(failing, healthy, bounds)
    assert found == traits.distinguish(failing[::-1], healthy[::-1], bounds)
    if found:
        assert sum(traits.matches(found, item) for item in healthy) <= 0.01 * len(healthy)
        assert all(sum(trait in item for item in failing) >= 0.95 * len(failing) for trait in found)
