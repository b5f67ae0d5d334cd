"""Each fault bites where it was designed to, only when its users come, and the right code answers its oracle."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from evals.lab import faults, repository
from evals.lab.traffic import mix, users
from tests.integration.shop import laid_out

NORMAL = yaml.safe_load(Path(repository.HERE / "traffic.yaml").read_text())["kinds"]
PLACES = {
    "null-membership": ("TypeError", "payment/assessment.py:assess", "quote_partner"),
    "open-voucher": ("KeyError", "pricing/vouchers.py:discount_cents", "quote_open_voucher"),
}


Lay = Callable[[str | None], Path]


@pytest.fixture
def shop(tmp_path: Path) -> Lay:
    def lay(name: str | None) -> Path:
        layout = repository.lay_out(tmp_path / str(name), faults.load(name) if name else None)
        return layout.root

    return lay


def arrivals(kinds: dict[str, float], count: int, seed: int = 7) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    return [laid_out.from_user(users.ordinary().request(mix.choose(rng, kinds), rng, n)) for n in range(count)]


def stood_in(request: dict[str, Any]) -> dict[str, Any]:
    """The request with an id as a recording has it."""
    customer = request["body"]["customer"]
    return {**request, "body": {**request["body"], "customer": {**customer, "id": f"q{customer['id'][1:]}"}}}


@pytest.mark.parametrize("name", sorted(faults.names()))
def test_ordinary_users_are_served_while_the_fault_sleeps(shop: Lay, name: str) -> None:
    answers = laid_out.ask(shop(None if faults.load(name).releases else name), arrivals(NORMAL, 200))
    assert {answer["status"] for answer in answers} == {200, 201}


@pytest.mark.parametrize("name", sorted(PLACES))
def test_the_new_users_fail_at_the_designed_place_and_the_callers_answer_502(shop: Lay, name: str) -> None:
    exception, place, kind = PLACES[name]
    for answer in laid_out.ask(shop(name), arrivals({kind: 1}, 30)):
        assert answer["status"] == 502
        assert (answer["exception"], answer["places"][-1]) == (exception, place)


@pytest.mark.parametrize(("name", "least"), [("null-membership", 6), ("open-voucher", 6)])
def test_the_oracle_finds_the_fault_and_nothing_wrong_with_the_right_code(shop: Lay, name: str, least: int) -> None:
    bitten = {sentence.split(":")[0] for sentence in laid_out.wrong(shop(name), name) if "status" in sentence}
    assert len(bitten) >= least
    assert laid_out.wrong(shop(None), name) == ()


def test_the_bad_release_fails_its_oracle_and_the_version_before_does_not(shop: Lay) -> None:
    root = shop("bad-warehouse-release")
    assert len([found for found in laid_out.wrong(root, "bad-warehouse-release") if "status" in found]) >= 4
    assert laid_out.wrong(shop(None), "bad-warehouse-release") == ()


def test_about_a_third_of_the_bad_releases_requests_fail(shop: Lay) -> None:
    own = [request for request in arrivals(NORMAL, 1500) if request["path"].startswith(("/stock", "/orders"))]
    answers = laid_out.ask(shop("bad-warehouse-release"), own)
    failed = sum(answer["status"] == 502 for answer in answers)
    assert 0.25 <= failed / len(answers) <= 0.42


def test_the_general_guard_mends_the_null_dereference(shop: Lay) -> None:
    root = shop("null-membership")
    path = root / "services/payment/assessment.py"
    source = path.read_text()
    guarded = source.replace('customer["membership"]["tier"]', '(customer["membership"] or {}).get("tier")')
    assert guarded != source
    path.write_text(guarded)
    assert laid_out.wrong(root, "null-membership") == ()


def test_a_candidate_that_knows_ids_is_right_for_stand_ins_and_wrong_for_real_ones(shop: Lay) -> None:
    root = shop("null-membership")
    laid_out.candidate(root, "own_customers")
    assert laid_out.own_tests(root, "services/payment/tests").returncode == 0
    real = arrivals({"quote_partner": 1}, 6)
    assert {answer["exception"] for answer in laid_out.ask(root, real)} >= {"AttributeError"}
    assert {answer["status"] for answer in laid_out.ask(root, [stood_in(item) for item in real])} == {200}


@pytest.mark.parametrize("answer", ["stubborn_1", "stubborn_2", "stubborn_3"])
def test_a_stubborn_candidate_serves_the_new_users_and_breaks_a_test_of_the_service(shop: Lay, answer: str) -> None:
    root = shop("null-membership")
    laid_out.candidate(root, answer)
    served = laid_out.ask(root, arrivals({"quote_partner": 1}, 10))
    assert {item["status"] for item in served} == {200}
    ran = laid_out.own_tests(root, "services/payment/tests")
    assert ran.returncode == 1, ran.stdout
    assert "failed" in ran.stdout
