"""Users, traffic, faults and oracles fit the shop they are about."""

import ast
import json
import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from evals.lab import faults, oracles, repository
from evals.lab.traffic import mix, users
from incident.errors import BadInput

TRAFFIC = yaml.safe_load((repository.HERE / "traffic.yaml").read_text())
SERVICES = repository.SHOP / "services"
REACHES_PAYMENT = ("quote_", "order_")


def choices(kind: str, name: str) -> set[str]:
    """The texts among which a kind of user draws one value."""
    draw = users.described()[kind].draw[name]
    assert isinstance(draw, dict)
    values = draw["$choice"]
    assert isinstance(values, list)
    return {str(value) for value in values}


def test_users_ask_for_articles_that_every_service_knows() -> None:
    catalog = {item["sku"] for item in json.loads((SERVICES / "catalog/products.json").read_text())}
    stock = set(json.loads((SERVICES / "inventory/stock.json").read_text()))
    assert catalog == stock == choices("browse", "sku")


def test_members_have_tiers_that_payment_knows() -> None:
    terms = (SERVICES / "payment/terms.py").read_text()
    assert all(f'"{tier}"' in terms for tier in choices("quote_member", "tier"))


@given(st.sampled_from(users.kinds()), st.integers(), st.integers(min_value=0))
def test_the_same_seed_gives_the_same_request(kind: str, seed: int, n: int) -> None:
    first = users.ordinary().request(kind, random.Random(seed), n)
    assert first == users.ordinary().request(kind, random.Random(seed), n)
    assert json.loads(json.dumps(first.body)) == first.body


def test_only_partners_come_without_a_membership_and_only_open_vouchers_without_a_minimum() -> None:
    rng = random.Random(3)
    for kind in users.kinds():
        for n in range(50):
            body = users.ordinary().request(kind, rng, n).body or {}
            customer, voucher = body.get("customer"), body.get("voucher")
            if isinstance(customer, dict):
                assert (customer["membership"] is None) == (kind == "quote_partner")
            if isinstance(voucher, dict):
                assert ("minimum_cents" not in voucher) == (kind == "quote_open_voucher")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        users.ordinary().request("robots", random.Random(1), 1)


def test_traffic_names_known_kinds_and_leaves_out_the_ones_that_wake_a_fault() -> None:
    assert set(TRAFFIC["kinds"]) <= set(users.kinds())
    for fault in map(faults.load, faults.names()):
        shifts = [event for event in fault.timetable if isinstance(event, faults.Shift)]
        woken = {kind for shift in shifts for kind in shift.kinds}
        assert woken <= {*users.kinds(), *fault.users}
        assert not woken & set(TRAFFIC["kinds"])


@pytest.mark.parametrize(
    ("name", "kind", "share"),
    [("null-membership", "quote_partner", 0.15), ("open-voucher", "quote_open_voucher", 0.08)],
)
def test_the_new_users_are_the_designed_share_of_the_sick_services_own_requests(
    name: str, kind: str, share: float
) -> None:
    (shift,) = faults.load(name).traffic
    mixed = mix.shifted(TRAFFIC["kinds"], shift.kinds)
    reached = sum(part for user, part in mixed.items() if user.startswith(REACHES_PAYMENT))
    assert mixed[kind] / reached == pytest.approx(share, abs=0.002)


def test_ordinary_traffic_asks_payment_eighty_times_a_second() -> None:
    weights = TRAFFIC["kinds"]
    reached = sum(weight for kind, weight in weights.items() if kind.startswith(REACHES_PAYMENT))
    assert TRAFFIC["rate"] * reached / sum(weights.values()) == pytest.approx(80, abs=5)


@pytest.mark.parametrize("name", ["null-membership", "open-voucher"])
def test_an_overlay_differs_from_the_shop_in_one_function_only(name: str) -> None:
    fault = faults.load(name)
    assert fault.overlay is not None
    ((path, planted),) = fault.files(fault.overlay).items()
    right = functions((repository.SHOP / path).read_text())
    bad = functions(planted.decode())
    assert right.keys() == bad.keys()
    assert len([key for key in right if right[key] != bad[key]]) == 1


def functions(source: str) -> dict[str, str]:
    """Every top-level statement by its name or its own text."""
    return {getattr(node, "name", ast.unparse(node)): ast.unparse(node) for node in ast.parse(source).body}


@pytest.mark.parametrize("name", faults.names())
def test_every_history_can_be_undone_to_nothing(name: str) -> None:
    steps, trees = repository.history(faults.load(name))
    assert len(steps) == len(trees) >= 6
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert repository.RECORDER_AT in trees[0]
    assert trees[0].keys() < trees[-1].keys()


HEALED = ("null-membership", "open-voucher", "bad-warehouse-release")
ORACLES = [name for name in faults.names() if oracles.load(faults.folder_of(name)) is not None]


@pytest.mark.parametrize("name", HEALED)
def test_a_fault_that_is_healed_every_day_has_an_oracle_of_at_least_eight_requests(name: str) -> None:
    oracle = oracles.load(faults.folder_of(name))
    assert oracle is not None
    assert len(oracle.requests) >= 8


@pytest.mark.parametrize("name", ORACLES)
def test_an_oracle_asks_services_that_exist_and_each_request_by_a_name_of_its_own(name: str) -> None:
    oracle = oracles.load(faults.folder_of(name))
    assert oracle is not None
    there = {path.name for path in SERVICES.iterdir() if path.is_dir()}
    assert {asked.to for asked in oracle.requests} | {oracle.service, *oracle.callers} <= there
    assert len({asked.name for asked in oracle.requests}) == len(oracle.requests)


def test_nothing_of_a_fault_or_an_oracle_is_part_of_the_shop() -> None:
    names = {Path(path).name for path in repository.shop_files()}
    assert not names & {"fault.yaml", "oracle.yaml"}
    text = b" ".join(repository.shop_files().values()).lower()
    assert b"partner" not in text
    assert b"oracle" not in text


@pytest.mark.parametrize("name", [name for name in faults.names() if name not in HEALED])
def test_a_further_fault_says_its_cause_and_its_right_and_wrong_endings(name: str) -> None:
    text = (faults.folder_of(name) / "truth.md").read_text()
    assert "Right ending" in text


def test_unknown_faults_and_candidates_are_refused() -> None:
    with pytest.raises(BadInput, match="use one of"):
        faults.load("../shop")
    with pytest.raises(BadInput, match="candidate"):
        faults.candidate("null-membership", "perfect")
