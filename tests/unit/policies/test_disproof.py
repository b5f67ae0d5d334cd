"""Each disproving check can say no, can say yes, and says unknown when the facts are not there."""

from typing import Any

import pytest

from incident.diagnosis import CodeCause, Disproof
from incident.evidence import Change, Dossier
from incident.stacks import Frame
from policies.diagnosis import disproof
from tests.unit.policies import given
from tests.unit.policies.given import (
    CODE,
    CONFIG,
    DEPENDENCY,
    DEPLOY,
    HANG,
    configured,
    deployed,
    dossier,
    errors,
    signals,
)

ELSEWHERE = given.PLACE.model_copy(update={"path": "orders/other.py", "function": "other"})
OTHER_SERVICE = given.PLACE.model_copy(update={"service": "stock"})

SHIFTED = Change(
    service="orders", at=given.at(-3), what="weights", version="v2", old="v1=100, v2=0", new="v1=0, v2=100"
)

CASES: list[tuple[str, Any, Disproof, Dossier, str]] = [
    ("errors here", CODE, Disproof.ERRORS_ELSEWHERE, dossier(errors(90), errors(10, place=ELSEWHERE)), "passed"),
    ("half here", CODE, Disproof.ERRORS_ELSEWHERE, dossier(errors(50), errors(50, place=ELSEWHERE)), "passed"),
    ("less here", CODE, Disproof.ERRORS_ELSEWHERE, dossier(errors(49), errors(51, place=ELSEWHERE)), "failed"),
    ("none here", CODE, Disproof.ERRORS_ELSEWHERE, dossier(errors(51, place=ELSEWHERE)), "failed"),
    ("no errors", CODE, Disproof.ERRORS_ELSEWHERE, dossier(signals()), "unknown"),
    ("another's errors", CODE, Disproof.ERRORS_ELSEWHERE, dossier(errors(place=OTHER_SERVICE)), "unknown"),
    ("no place blamed", DEPLOY, Disproof.ERRORS_ELSEWHERE, dossier(errors()), "unknown"),
    ("errors after it", DEPLOY, Disproof.ERRORS_BEFORE_CHANGE, dossier(deployed(-10), errors(first=-9)), "passed"),
    ("within slack", DEPLOY, Disproof.ERRORS_BEFORE_CHANGE, dossier(deployed(-10), errors(first=-12)), "passed"),
    ("errors before it", DEPLOY, Disproof.ERRORS_BEFORE_CHANGE, dossier(deployed(-10), errors(first=-13)), "failed"),
    (
        "old rare errors",
        DEPLOY,
        Disproof.ERRORS_BEFORE_CHANGE,
        dossier(deployed(-10), errors(90, first=0), errors(3, first=-99, place=ELSEWHERE)),
        "passed",
    ),
    ("not recorded", DEPLOY, Disproof.ERRORS_BEFORE_CHANGE, dossier(errors()), "unknown"),
    ("no error known", DEPLOY, Disproof.ERRORS_BEFORE_CHANGE, dossier(deployed(-10)), "unknown"),
    ("config", CONFIG, Disproof.ERRORS_BEFORE_CHANGE, dossier(configured(-5), errors(first=-4)), "passed"),
    ("config after", CONFIG, Disproof.ERRORS_BEFORE_CHANGE, dossier(configured(5), errors(first=-4)), "failed"),
    (
        "well for a while after it",
        CONFIG,
        Disproof.ERRORS_BEFORE_CHANGE,
        dossier(configured(-65), errors(first=0), signals(0, 400, start=-60)),
        "failed",
    ),
    (
        "too few requests after it",
        CONFIG,
        Disproof.ERRORS_BEFORE_CHANGE,
        dossier(configured(-65), errors(first=0), signals(0, 99, start=-60)),
        "passed",
    ),
    (
        "sick after it",
        CONFIG,
        Disproof.ERRORS_BEFORE_CHANGE,
        dossier(configured(-65), errors(first=0), signals(40, 400, start=-60)),
        "passed",
    ),
    (
        "the window began before it",
        CONFIG,
        Disproof.ERRORS_BEFORE_CHANGE,
        dossier(configured(-59), errors(first=0), signals(0, 400, start=-60)),
        "passed",
    ),
    (
        "a deploy that idled until now",
        DEPLOY,
        Disproof.ERRORS_BEFORE_CHANGE,
        dossier(deployed(-300), SHIFTED, errors(first=0), signals(0, 400, start=-60)),
        "passed",
    ),
    (
        "a deploy that served well",
        DEPLOY,
        Disproof.ERRORS_BEFORE_CHANGE,
        dossier(deployed(-300), errors(first=0), signals(0, 400, start=-60)),
        "failed",
    ),
    ("no change blamed", CODE, Disproof.ERRORS_BEFORE_CHANGE, dossier(deployed(), errors()), "unknown"),
    (
        "old version well",
        DEPLOY,
        Disproof.OTHER_VERSION_TOO,
        dossier(deployed(), errors(), signals(0, 100, version="v1")),
        "passed",
    ),
    (
        "old version sick",
        DEPLOY,
        Disproof.OTHER_VERSION_TOO,
        dossier(deployed(), errors(), signals(20, 100, version="v1")),
        "failed",
    ),
    (
        "old version same error",
        DEPLOY,
        Disproof.OTHER_VERSION_TOO,
        dossier(deployed(), errors(versions=("v1", "v2")), signals(0, 100, version="v1")),
        "failed",
    ),
    ("old version silent", DEPLOY, Disproof.OTHER_VERSION_TOO, dossier(deployed(), errors()), "passed"),
    ("silent, errors first", DEPLOY, Disproof.OTHER_VERSION_TOO, dossier(deployed(), errors(first=-60)), "failed"),
    (
        "old version without requests",
        DEPLOY,
        Disproof.OTHER_VERSION_TOO,
        dossier(deployed(), signals(0, 0, version="v1")),
        "unknown",
    ),
    ("no version blamed", CODE, Disproof.OTHER_VERSION_TOO, dossier(errors()), "unknown"),
    (
        "dependency sick",
        DEPENDENCY,
        Disproof.DEPENDENCY_HEALTHY,
        dossier(signals(20, 100, "rates.example:443")),
        "passed",
    ),
    (
        "dependency well",
        DEPENDENCY,
        Disproof.DEPENDENCY_HEALTHY,
        dossier(signals(1, 100, "rates.example:443"), given.trace("rates.example:443")),
        "failed",
    ),
    ("traces end there", DEPENDENCY, Disproof.DEPENDENCY_HEALTHY, dossier(given.trace("rates.example:443")), "passed"),
    (
        "traces end elsewhere",
        DEPENDENCY,
        Disproof.DEPENDENCY_HEALTHY,
        dossier(given.trace("rates.example:443"), given.trace(n=1), given.trace(n=2)),
        "failed",
    ),
    ("nothing known of it", DEPENDENCY, Disproof.DEPENDENCY_HEALTHY, dossier(errors()), "unknown"),
    ("no dependency blamed", CODE, Disproof.DEPENDENCY_HEALTHY, dossier(errors()), "unknown"),
    ("not ready", HANG, Disproof.ANSWERS_SOMEBODY, dossier(given.unready(), signals(100, service="web")), "passed"),
    ("fails for all", HANG, Disproof.ANSWERS_SOMEBODY, dossier(given.unready(), signals(100, 100)), "passed"),
    ("answers some", HANG, Disproof.ANSWERS_SOMEBODY, dossier(given.unready(), signals(99, 100)), "failed"),
    ("answered before", HANG, Disproof.ANSWERS_SOMEBODY, dossier(given.unready(), signals(0, start=-60)), "passed"),
    ("is ready", HANG, Disproof.ANSWERS_SOMEBODY, dossier(signals(100)), "unknown"),
    ("another version", HANG, Disproof.ANSWERS_SOMEBODY, dossier(given.unready(version="v1")), "unknown"),
    ("two at once", HANG, Disproof.ANSWERS_SOMEBODY, dossier(given.unready(), given.unready("stock")), "unknown"),
    ("just started", HANG, Disproof.ANSWERS_SOMEBODY, dossier(given.unready(since=-1)), "unknown"),
    ("just changed", HANG, Disproof.ANSWERS_SOMEBODY, dossier(given.unready(), configured(-20)), "unknown"),
    ("no hang blamed", CODE, Disproof.ANSWERS_SOMEBODY, dossier(given.unready()), "unknown"),
    ("nothing named", CODE, Disproof.NONE, dossier(errors()), "unknown"),
]


@pytest.mark.parametrize(
    ("cause", "named", "facts", "want"), [case[1:] for case in CASES], ids=[f"{c[2].value}: {c[0]}" for c in CASES]
)
def test_each_check(cause: Any, named: Disproof, facts: Dossier, want: str) -> None:
    check = disproof.run(given.hypothesis(cause, disproof=named), facts)
    assert (check.name, check.outcome) == (named.value, want)
    assert check.detail


def test_of_two_such_changes_the_later_one_is_blamed() -> None:
    early, late = configured(-90), configured(-5)
    blamed = given.hypothesis(CONFIG, disproof=Disproof.ERRORS_BEFORE_CHANGE)
    for facts in (dossier(early, late, errors(first=-60)), dossier(late, early, errors(first=-60))):
        assert disproof.run(blamed, facts).outcome == "failed"


def test_another_service_with_a_version_of_the_same_name_says_nothing() -> None:
    blamed = given.hypothesis(DEPLOY, disproof=Disproof.OTHER_VERSION_TOO)
    facts = dossier(deployed(), errors(), signals(50, 100, "stock", version="v1"))
    assert disproof.run(blamed, facts).outcome == "passed"


def test_each_check_can_disprove() -> None:
    refuted = {case[2] for case in CASES if case[4] == "failed"}
    assert refuted == set(Disproof) - {Disproof.NONE}


def test_a_caller_on_the_stack_explains_the_error_as_well() -> None:
    frames = (
        Frame(path="orders/web.py", line=4, function="handle"),
        Frame(path="orders/tiers.py", line=12, function="tier_of"),
    )
    facts = dossier(errors().model_copy(update={"frames": frames}))
    blamed = given.hypothesis(CodeCause(path="orders/web.py", function="handle", line=4))
    assert disproof.run(blamed, facts).outcome == "passed"


def test_a_method_is_known_to_tracebacks_by_its_last_name() -> None:
    method = given.PLACE.model_copy(update={"function": "total"})
    blamed = given.hypothesis(CodeCause(path="orders/tiers.py", function="Cart.total", line=12))
    assert disproof.run(blamed, dossier(errors(place=method))).outcome == "passed"
