"""Every store × how it fails × every node before and after × every write: about 1,600 incidents, in virtual time."""

from itertools import product
from pathlib import Path

import pytest

from tests.unit.graph.faults import DISK, STORES, Fault, Kind, Moment
from tests.unit.graph.rescues import KINDS, MOMENTS, WRITES, assert_in_order, at_node, at_write, places

pytestmark = pytest.mark.timeout(1800)

FAULTS = tuple(product((DISK, *((store,) for store in STORES)), KINDS))


def named(value: object) -> str:
    return "disk" if value == DISK else "-".join(map(str, value)) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize(("stores", "kind"), FAULTS, ids=named)
def test_a_store_that_fails_from_any_node_on(tmp_path: Path, stores: tuple[str, ...], kind: Kind) -> None:
    for number, place in enumerate(places()):
        assert_in_order(at_node(tmp_path / str(number), Fault(stores, kind), *place))


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("stores", "kind"), FAULTS, ids=named)
def test_a_store_that_fails_around_any_write(
    tmp_path: Path, stores: tuple[str, ...], kind: Kind, moment: Moment
) -> None:
    for number in WRITES:
        assert_in_order(at_write(tmp_path / str(number), Fault(stores, kind), number, moment))


@pytest.mark.parametrize(("stores", "kind"), FAULTS, ids=named)
def test_a_store_that_fails_while_a_bad_change_is_taken_back(
    tmp_path: Path, stores: tuple[str, ...], kind: Kind
) -> None:
    for number, (node, moment) in enumerate(product(("roll_back", "escalate", "close"), MOMENTS)):
        assert_in_order(at_node(tmp_path / str(number), Fault(stores, kind), node, moment, bad=True))
