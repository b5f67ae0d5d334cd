"""Links between services: answers that cannot be used, calls that nobody answers, and settings that name a callee."""

from dataclasses import replace

import pytest

from incident.observed import Calls, Observed
from policies.suspects import answers, asking, change_link, own_share, ranking
from policies.suspects.ranking import Ranked
from tests.unit.policies.suspects.test_mechanisms import said, split
from tests.unit.policies.suspects.worlds import AS_OF, CHAIN, ONSET, Trouble, config, deploy, more, recorded, shop

OBJECT = ("answer GET /price body|type|object", "call GET /price|status|200")
PAGE = ("answer GET /price body|type|string", "call GET /price|status|200")
NULL = (*OBJECT, "answer GET /price body.amount|type|null")
LOST = Trouble(fails={"cart": 0.3})


def of(name: str, seen: Observed) -> Ranked:
    """What the ranking says of one suspect."""
    listed = ranking.rank(asking.facts(seen)).result.ranked
    return next(one for one in listed if one.suspect.name == name)


# answers


def test_an_answer_of_another_form_accuses_the_callee_and_excuses_the_caller() -> None:
    told = answers.read(split(Trouble(requests=(recorded("cart", PAGE, OBJECT),))))
    assert said(told) == {"price": 10_000}
    assert told.scores[0].explains == ("cart",)
    plain, excused = shop(LOST), shop(more(LOST, requests=(recorded("cart", PAGE, OBJECT),)))
    assert of("cart", excused).weight < of("cart", plain).weight / 2


def test_an_answer_that_differs_inside_says_less() -> None:
    """A caller must bear what a callee may say."""
    inside = said(answers.read(split(Trouble(requests=(recorded("cart", NULL, OBJECT),)))))
    assert 0 < inside["price"] < 5_000


def test_a_key_that_the_answer_lacks_counts_and_a_call_that_was_not_made_does_not() -> None:
    whole = (*OBJECT, "answer GET /price body.amount|type|number")
    lacking = said(answers.read(split(Trouble(requests=(recorded("cart", OBJECT, whole),)))))
    assert lacking["price"] > 0
    assert said(answers.read(split(Trouble(requests=(recorded("cart", (), whole),))))) == {}


def test_where_two_callees_may_have_answered_nobody_is_named() -> None:
    seen = split(Trouble(requests=(recorded("cart", PAGE, OBJECT),)))
    twin = next(one for one in seen.calls if one.callee == "price").model_copy(update={"callee": "offer"})
    assert said(answers.read(seen.model_copy(update={"calls": (*seen.calls, twin)}))) == {}


def test_a_fresh_change_of_whoever_answers_nonsense_is_convicted_without_a_word() -> None:
    change = config("price", "CLOSED", "", "tea")
    seen = shop(more(LOST, requests=(recorded("cart", PAGE, OBJECT),), changes=(change,)))
    guilty = of("config CLOSED", seen)
    assert (guilty.standing, guilty.firm) == ("convicted", True)
    plain = of("config CLOSED", shop(more(LOST, changes=(change,))))
    assert plain.standing == "suspected", "control: without the recorder its caller is what fails"


def test_a_fresh_change_of_a_callee_keeps_an_unchanged_caller_that_fails_by_itself_from_being_convicted() -> None:
    """The callee may have answered nonsense, and nobody recorded the answers."""
    alone, beside = shop(LOST), shop(more(LOST, changes=(deploy("price"),)))
    assert (of("cart", alone).standing, of("cart", beside).standing) == ("convicted", "suspected")
    assert of("deploy v2", beside).standing == "suspected"
    both = shop(more(LOST, changes=(deploy("price"), config("cart", "COLOUR", "a", "b"))))
    assert of("cart", both).confidence > of("deploy v2", both).confidence
    assert of("config COLOUR", both).standing == "convicted", "control: its own change is the nearer cause"


# calls that nobody answers


def unanswered(seen: Observed, took: float = 0.5, *, asked: bool = True) -> Observed:
    """Every call of cart to price is lost since the onset, and price is hardly asked any more, unless it is."""
    calls = tuple(_lost(one, took) if one.callee == "price" else one for one in seen.calls)
    tracks = tuple(
        one.model_copy(
            update={"values": tuple(0.0 if at > ONSET else n for at, n in zip(one.at, one.values, strict=True))}
        )
        if (one.service, one.name) == ("price", "requests") and not asked
        else one
        for one in seen.tracks
    )
    return seen.model_copy(update={"calls": calls, "tracks": tracks})


def _lost(calls: Calls, took: float) -> Calls:
    late = [at > ONSET for at in calls.at]
    return calls.model_copy(
        update={
            "failed": tuple(gone or failed for gone, failed in zip(late, calls.failed, strict=True)),
            "callee_ms": tuple(None if gone else one for gone, one in zip(late, calls.callee_ms, strict=True)),
            "took_ms": tuple(took if gone else one for gone, one in zip(late, calls.took_ms, strict=True)),
            "answered_badly": tuple(
                False if gone else one for gone, one in zip(late, calls.answered_badly, strict=True)
            ),
        }
    )


def failures(seen: Observed) -> dict[str, int]:
    return said(own_share.read(seen)[1])


def test_lost_calls_are_the_callees_unless_it_is_well_and_idle() -> None:
    seen = split(Trouble())
    down = failures(unanswered(seen))
    assert down["price"] > 8_000
    assert "cart" not in down
    elsewhere = failures(unanswered(seen, asked=False))
    assert abs(elsewhere["price"] - elsewhere["cart"]) < 1_000


def test_a_host_that_never_answered_anybody_is_a_wrong_address() -> None:
    seen = unanswered(split(Trouble()))
    calls = tuple(
        one.model_copy(
            update={
                "callee": "price.invalid",
                **{
                    name: tuple(value for at, value in zip(one.at, getattr(one, name), strict=True) if at > ONSET)
                    for name in ("took_ms", "callee_ms", "below_ms", "failed", "answered_badly", "failed_below")
                },
                "at": tuple(at for at in one.at if at > ONSET),
            }
        )
        if one.callee == "price"
        else one
        for one in seen.calls
    )
    told = failures(seen.model_copy(update={"calls": calls}))
    assert told["cart"] > 8_000
    assert "price.invalid" not in told


def without_spans(seen: Observed, patience: float | None) -> Observed:
    """Price tells no spans; since the onset its caller gives up after so many milliseconds, or price refuses at once."""

    def blind(one: Calls) -> Calls:
        late = [at > ONSET for at in one.at]
        limit = 0.2 if patience is None else patience
        gone = [at and (patience is None or took > limit) for at, took in zip(late, one.took_ms, strict=True)]
        return one.model_copy(
            update={
                "callee_ms": (None,) * len(late),
                "below_ms": (0.0,) * len(late),
                "answered_badly": (False,) * len(late),
                "failed": tuple(gone),
                "took_ms": tuple(limit if lost else took for lost, took in zip(gone, one.took_ms, strict=True)),
            }
        )

    return seen.model_copy(update={"calls": tuple(blind(one) if one.callee == "price" else one for one in seen.calls)})


def test_a_patience_below_what_was_usual_is_the_callers_failure() -> None:
    seen = split(Trouble())
    usual = sorted(next(one for one in seen.calls if one.callee == "price").took_ms)
    impatient = failures(without_spans(seen, usual[len(usual) // 2]))
    assert impatient["cart"] > 8_000
    assert "price" not in impatient
    refused = failures(without_spans(seen, None))
    assert refused["price"] > 8_000, "control: a refusal at once is no patience"


def test_a_request_that_waited_longer_than_ever_and_failed_is_not_its_own() -> None:
    """Many libraries leave the status of a call that was given up unset, so that it looks as if nothing below failed."""
    seen = split(Trouble())

    def given_up(one: Calls, waited: float) -> Calls:
        late = [at > ONSET for at in one.at]
        return one.model_copy(
            update={
                "answered_badly": tuple(late),
                "failed": tuple(late),
                "failed_below": (False,) * len(late),
                "callee_ms": tuple(
                    waited + 5.0 if gone else took for gone, took in zip(late, one.callee_ms, strict=True)
                ),
                "below_ms": tuple(waited if gone else took for gone, took in zip(late, one.below_ms, strict=True)),
            }
        )

    def failing(waited: float) -> dict[str, int]:
        calls = tuple(given_up(one, waited) if one.callee == "cart" else one for one in seen.calls)
        return failures(seen.model_copy(update={"calls": calls}))

    assert "cart" not in failing(2_000.0)
    assert failing(1.0)["cart"] > 8_000, "control: after an ordinary time it is"


@pytest.mark.parametrize("below", [True, False])
def test_a_failure_below_is_not_the_callers_where_the_callee_sets_no_status(below: bool) -> None:
    seen = split(Trouble())

    def unset(one: Calls) -> Calls:
        late = tuple(at > ONSET for at in one.at)
        return one.model_copy(update={"failed": late, "failed_below": tuple(gone and below for gone in late)})

    calls = tuple(unset(one) if one.callee == "price" else one for one in seen.calls)
    told = failures(seen.model_copy(update={"calls": calls}))
    assert ("cart" in told) is not below


@pytest.mark.parametrize("waits", [True, False])
def test_a_callee_that_only_waited_does_not_lose_what_its_caller_gave_up(waits: bool) -> None:
    seen = split(Trouble())

    def given_up(one: Calls) -> Calls:
        late = [at > ONSET for at in one.at]
        return one.model_copy(
            update={
                "failed": tuple(late),
                "took_ms": tuple(1_000.0 if gone else took for gone, took in zip(late, one.took_ms, strict=True)),
                "callee_ms": tuple(1_500.0 if gone else took for gone, took in zip(late, one.callee_ms, strict=True)),
                "below_ms": tuple(
                    1_490.0 if gone and waits else took for gone, took in zip(late, one.below_ms, strict=True)
                ),
            }
        )

    calls = tuple(given_up(one) if one.callee == "price" else one for one in seen.calls)
    told = failures(seen.model_copy(update={"calls": calls}))
    assert "cart" not in told
    assert ("price" in told) is not waits


# links that nobody has seen


def test_what_a_service_loses_is_not_its_own_where_it_complains_of_a_callee_that_no_call_tells_of() -> None:
    seen = shop(more(LOST, lines=(("cart", "no answer from price", 200),)))
    hidden = seen.model_copy(update={"calls": tuple(one for one in seen.calls if one.callee not in ("price", "rates"))})
    assert of("cart", seen).standing == "convicted"
    assert of("cart", hidden).standing == "suspected"
    assert of("cart", hidden).weight < of("cart", seen).weight / 2


# settings that name a callee


@pytest.mark.parametrize(
    ("key", "named"),
    [("PRICE_URL", ("price",)), ("COLOUR", ()), ("RATES_URL", ())],
    ids=["callee", "word", "no callee"],
)
def test_a_setting_names_whom_its_service_calls(key: str, named: tuple[str, ...]) -> None:
    told = change_link.read(split(Trouble(changes=(config("cart", key, "a", "b"),))))
    assert tuple(name for score in told.scores for name in score.explains) == named


def test_trouble_at_the_other_end_speaks_for_a_setting_that_names_it() -> None:
    broken = Trouble(fails={"price": 0.3})
    named = of("config PRICE_URL", shop(more(broken, changes=(config("cart", "PRICE_URL", "a", "b"),))))
    other = of("config COLOUR_URL", shop(more(broken, changes=(config("cart", "COLOUR_URL", "a", "b"),))))
    assert named.standing == "convicted"
    assert other.standing == "suspected"


# what texts alone convict


def test_words_alone_convict_and_are_not_firm() -> None:
    """Whoever can write a log line can write the words of a fresh change."""
    lines = tuple((name, "patience exceeded while asking", 200) for name in CHAIN)
    change = config("price", "PATIENCE_MS", "300", "3")
    worded = of("config PATIENCE_MS", shop(Trouble(lines=lines[2:3], changes=(change,), calls=False)))
    assert not worded.firm
    measured = of("config PATIENCE_MS", shop(Trouble(fails={"price": 0.2}, changes=(change,))))
    assert (measured.standing, measured.firm) == ("convicted", True)


def test_a_convicted_change_stands_before_the_service_whose_trouble_it_explains() -> None:
    slow = config("price", "BATCH", "1", "9", ONSET - 90)
    listed = ranking.rank(asking.facts(shop(Trouble(fails={"price": 0.2}, changes=(slow,))))).result.ranked
    assert [one.suspect.name for one in listed[:2]] == ["config BATCH", "price"]
    assert listed[0].standing == "convicted"
    late = replace(Trouble(fails={"price": 0.2}), changes=(deploy("price", min(AS_OF, ONSET + 200)),))
    assert ranking.rank(asking.facts(shop(late))).result.ranked[0].suspect.name == "price"
