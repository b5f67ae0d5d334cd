"""A flag that an operator turns is a recorded change of everybody; what users and the network do is none."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request
from pydantic import TypeAdapter

from evals.lab import faults, flags, places, rows
from evals.lab.api import Api
from evals.lab.lab import Blueprint, Lab, Users
from evals.lab.lease import Lease
from evals.lab.runtime import Shop
from evals.lab.wall import Wall
from incident.evidence import Change
from tools.embedded import world_proof

CHANGES = TypeAdapter(tuple[Change, ...])
KEY = "related-by-category"


def laid_out(folder: Path) -> places.World:
    """A world folder whose repository ships one flag, which is off."""
    world = places.World(folder)
    world.repository.mkdir()
    world.flags.parent.mkdir()
    flag = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}
    (world.repository / flags.FILE).write_text(json.dumps({"flags": {KEY: flag}}))
    return world


class Router:
    """A router and a load generator that do whatever they are told."""

    async def ask(self, *_: object) -> dict[str, object]:
        return {}


def told(folder: Path, play: Callable[[Lab], Awaitable[None]]) -> tuple[Change, ...]:
    """What the interface tells of everybody's changes after something happened in a lab without services."""

    async def asked() -> tuple[Change, ...]:
        world, wall = laid_out(folder), Wall()
        blueprint = Blueprint(first={}, users=Users("gateway", 1.0, {}), seed="1")
        async with aiohttp.ClientSession() as http:
            lab = Lab("lab-1", blueprint, world, Shop(python=Path("/usr/bin/python3"), mounts=()), wall, http)
            lab.flags = flags.begin(world, wall)
            stand_in: Any = Router()
            lab.router = lab.load = stand_in
            await play(lab)
            api = Api(lab, Lease(30, wall.now()), "http://127.0.0.1:1", world_proof.make(folder, lab.name))
            return within(await api.changes(asking(wall.moment() - timedelta(seconds=60), wall.moment())))

    return asyncio.run(asked())


def asking(start: datetime, end: datetime) -> Any:
    return make_mocked_request("GET", f"/changes?start={start.isoformat()}&end={end.isoformat()}".replace("+", "%2B"))


def within(answer: Any) -> tuple[Change, ...]:
    return CHANGES.validate_json(answer.body)


def test_a_turned_flag_is_told_as_an_operators_change_with_old_and_new(tmp_path: Path) -> None:
    (change,) = told(tmp_path, lambda lab: lab.happen(faults.FlagTurn(after_seconds=12, key=KEY, variant="on")))
    assert (change.what, change.service, change.actor) == ("flag", "", "operator")
    assert (change.key, change.old, change.new, change.undo) == (KEY, "off", "on", "exact")
    assert json.loads(places.World(tmp_path).flags.read_text())["flags"][KEY]["defaultVariant"] == "on"


def test_a_flag_that_is_turned_back_is_a_second_change(tmp_path: Path) -> None:
    async def twice(lab: Lab) -> None:
        lab.flags.turn(KEY, "on")
        lab.flags.turn(KEY, "off")

    assert [(one.old, one.new) for one in told(tmp_path, twice)] == [("off", "on"), ("on", "off")]


async def _nothing(_: Lab) -> None:
    """Nothing happens."""


def test_what_the_repository_ships_is_no_change(tmp_path: Path) -> None:
    assert told(tmp_path, _nothing) == ()


def test_users_cuts_and_statements_by_hand_are_recorded_by_nobody(tmp_path: Path) -> None:
    async def happened(lab: Lab) -> None:
        await lab.happen(faults.Shift(after_seconds=1, kinds={}))
        await lab.happen(faults.Rate(after_seconds=1, per_second=170.0))
        await lab.happen(faults.Cut(after_seconds=1, caller="users", callee="gateway", how="reset"))
        await rows.run(lab.world.database("catalog"), "CREATE TABLE things (name TEXT)")
        await lab.happen(faults.RowEdit(after_seconds=1, service="catalog", sql="INSERT INTO things VALUES ('one')"))

    assert told(tmp_path, happened) == ()


@pytest.mark.parametrize(("key", "variant"), [(KEY, "blue"), ("old", "on")])
def test_a_flag_that_there_is_not_is_refused_and_not_recorded(tmp_path: Path, key: str, variant: str) -> None:
    kept = flags.begin(laid_out(tmp_path), wall := Wall())
    with pytest.raises(flags.NoFlag):
        kept.turn(key, variant)
    assert kept.history(wall.moment() - timedelta(hours=1)) == ()


def test_only_changes_since_a_time_are_told(tmp_path: Path) -> None:
    kept = flags.begin(laid_out(tmp_path), wall := Wall())
    change = kept.turn(KEY, "on")
    assert kept.history(change.at) == (change,)
    assert kept.history(wall.moment() + timedelta(seconds=1)) == ()
