"""A world proves who it is before anything that it says is believed, and with each answer again."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from incident.errors import Refused, Throttled, Unavailable, Unsure
from incident.workload import Annotate, Effect
from tests.unit.signing import Reply, signed
from tools import embedded
from tools.embedded import world_proof
from tools.scripted.clock import ManualClock

URL = "http://127.0.0.1:1"
WORKLOAD = {"service": "orders", "revision": "r2", "versions": [], "effect": {}}


def about(root: Path, **said: object) -> dict[str, Any]:
    """What a world says of itself whose folder is this one."""
    below = {name: str(root / name) for name in ("repository", "logs", "spans", "captures")}
    whole = {"id": "w1", "kind": "lab", "name": "shop", "started_at": "2026-01-01T00:00:00Z", "url": URL, "pid": 7}
    return {**whole, "folder": str(root), **below, **said}


class World:
    """A small world; `others` answer in its place once it is gone."""

    def __init__(self, root: Path, **said: object) -> None:
        self.folder = root
        self.said = about(root, **said)
        self.answers: dict[str, Any] = {"/services/orders": WORKLOAD, "/services/orders/changes": WORKLOAD}
        self.others: Reply | None = None
        self.asked: list[httpx.Request] = []

    def plain(self, request: httpx.Request) -> httpx.Response:
        """The answer without a signature."""
        path = request.url.path
        return httpx.Response(200, json=self.said if path == "/world" else self.answers.get(path, {}))

    def connected(self, key: world_proof.Key | None = None, port: int = 1) -> embedded.EmbeddedWorld:
        """Connect to it, where it signs with its own key (or with another one, or for another port)."""
        reply = signed(key or world_proof.make(self.folder, "w1"), self.plain, port)

        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            return (self.others or reply)(request)

        return embedded.connect(URL, ManualClock(), httpx.MockTransport(answer))


def test_a_world_that_proves_itself_is_named_and_believed(tmp_path: Path) -> None:
    world = World(tmp_path, later="keys are ignored")
    found = world.connected()
    assert found.name == "the embedded lab (real processes on this machine)"
    assert found.platform.world() == "w1"
    assert found.platform.read("orders").revision == "r2"


@pytest.mark.parametrize(
    "said",
    [{"logs": "logs"}, {"folder": "."}, {"folder": None}, {"id": None}, {"started_at": "x"}, {"spans": 7}],
    ids=str,
)
def test_what_is_no_embedded_world_is_unavailable(tmp_path: Path, said: dict[str, object]) -> None:
    with pytest.raises(Unavailable):
        World(tmp_path, **said).connected()


@pytest.mark.parametrize("body", [[], {}, {"id": "w1"}, "x", 7], ids=str)
def test_what_says_nothing_of_itself_is_unavailable(body: object) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    with pytest.raises(Unavailable, match="no embedded world"):
        embedded.connect(URL, ManualClock(), transport)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"kind": "scripted"}, "a scripted world (simulated: nothing in it is real)"),
        ({"kind": "scripted", "name": "the embedded lab (real processes on this machine)"}, "a scripted world (simulated"),
        ({"kind": "staging", "name": "shop\x1b[2K\nhealed: all well"}, "a world that calls itself 'shop healed: all well'"),
        ({"kind": "staging", "name": ""}, "a world that calls itself 'staging'"),
        ({"kind": "", "name": ""}, "a world without a name"),
        ({"kind": "Lab", "name": "x" * 500}, f"a world that calls itself '{'x' * 59}…'"),
    ],
)  # fmt: skip
def test_a_world_is_called_what_it_is(tmp_path: Path, said: dict[str, object], name: str) -> None:
    assert World(tmp_path, **said).connected().name.startswith(name)


def test_the_lease_is_renewed_and_a_refusal_is_unavailable(tmp_path: Path) -> None:
    world = World(tmp_path)
    found = world.connected()
    found.renew(60)
    assert (world.asked[-1].url.path, world.asked[-1].read()) == ("/lease", b'{"seconds":60}')
    refusing = signed(world_proof.read(tmp_path, "w1"), lambda _: httpx.Response(422, json={"error": "no lease"}))
    world.others = refusing
    with pytest.raises(Unavailable, match="no lease"):
        found.renew(60)


def no_key(folder: Path) -> None:
    """Nothing lies there."""


def readable(folder: Path) -> None:
    world_proof.make(folder, "w1")
    (folder / "proof" / "key").chmod(0o644)


def open_folder(folder: Path) -> None:
    world_proof.make(folder, "w1")
    (folder / "proof").chmod(0o755)


def linked_key(folder: Path) -> None:
    world_proof.make(folder, "w1")
    (folder / "proof" / "key").rename(folder / "elsewhere")
    (folder / "proof" / "key").symlink_to(folder / "elsewhere")


def second_name(folder: Path) -> None:
    world_proof.make(folder, "w1")
    os.link(folder / "proof" / "key", folder / "elsewhere")


def linked_folder(folder: Path) -> None:
    world_proof.make(folder / "real", "w1")
    (folder / "proof").symlink_to(folder / "real" / "proof")


def another_world(folder: Path) -> None:
    world_proof.make(folder, "w2")


def nonsense(folder: Path) -> None:
    world_proof.make(folder, "w1")
    (folder / "proof" / "key").write_text("[" * 2_000)


def short(folder: Path) -> None:
    world_proof.make(folder, "w1")
    (folder / "proof" / "key").write_text('{"id": "w1", "secret": "guess"}')


def huge(folder: Path) -> None:
    world_proof.make(folder, "w1")
    (folder / "proof" / "key").write_text(" " * 5_000)


def pipe(folder: Path) -> None:
    (folder / "proof").mkdir(mode=0o700)
    os.mkfifo(folder / "proof" / "key", 0o600)


KEYS = (
    no_key,
    readable,
    open_folder,
    linked_key,
    second_name,
    linked_folder,
    another_world,
    nonsense,
    short,
    huge,
    pipe,
)


@pytest.mark.parametrize("lay", KEYS, ids=lambda one: one.__name__)
def test_a_key_that_others_could_know_or_have_put_there_proves_nothing(
    tmp_path: Path, lay: Callable[[Path], None]
) -> None:
    """Even though who answers signs with a key that fits, where there is one that could be read."""
    lay(tmp_path)
    guessed = world_proof.Key(id="w1", secret="0" * 64)
    with pytest.raises(Unavailable, match="does not prove who it is"):
        World(tmp_path).connected(guessed)


def test_a_key_that_belongs_to_another_user_proves_nothing(tmp_path: Path) -> None:
    key = world_proof.make(tmp_path, "w1")
    if os.geteuid() != 0:
        with pytest.raises(PermissionError):
            os.chown(tmp_path / "proof" / "key", 65534, -1)  # only root can give a file away, or lay it there
        return
    os.chown(tmp_path / "proof" / "key", 65534, -1)
    with pytest.raises(Unavailable, match="belongs to user 65534"):
        World(tmp_path).connected(key)


def test_who_repeats_what_a_world_says_is_not_that_world(tmp_path: Path) -> None:
    """Anybody can ask the real one who it is; without its secret the words are worth nothing."""
    world_proof.make(tmp_path, "w1")
    with pytest.raises(Unavailable, match="does not prove to be w1"):
        World(tmp_path).connected(world_proof.Key(id="w1", secret="0" * 64))


def test_who_passes_the_challenge_on_to_the_real_world_is_not_that_world(tmp_path: Path) -> None:
    """A stranger at port 1 has the real one at port 2 sign each answer, and hands it over."""
    key = world_proof.make(tmp_path, "w1")
    with pytest.raises(Unavailable, match="does not prove to be w1"):
        World(tmp_path).connected(key, port=2)
    assert World(tmp_path).connected(key, port=1).platform.world() == "w1", "the control: at its own port it is"


def test_who_takes_the_port_over_later_is_not_believed(tmp_path: Path) -> None:
    """Between two questions of one incident: reads do not answer, and of a write nobody knows."""
    world = World(tmp_path)
    platform = world.connected().platform
    assert platform.read("orders").revision == "r2"
    world.others = world.plain
    with pytest.raises(Unavailable, match="does not prove to be w1"):
        platform.read("orders")
    with pytest.raises(Unsure, match="does not prove to be w1"):
        platform.change("orders", Annotate(), revision="r2", effect=Effect())


def test_an_answer_that_was_heard_before_is_not_one(tmp_path: Path) -> None:
    """Each question has a challenge of its own, so an old answer with its signature fits none."""
    world = World(tmp_path)
    platform = world.connected().platform
    key = world_proof.read(tmp_path, "w1")
    heard: list[httpx.Response] = []
    honest = signed(key, world.plain)

    def listening(request: httpx.Request) -> httpx.Response:
        heard.append(honest(request))
        return heard[-1]

    world.others = listening
    platform.read("orders")
    world.others = lambda _: httpx.Response(200, content=heard[0].content, headers=dict(heard[0].headers))
    with pytest.raises(Unavailable, match="does not prove to be w1"):
        platform.read("orders")


@pytest.mark.parametrize("honest", [True, False], ids=["the world", "a stranger"])
def test_only_the_world_itself_can_say_that_a_write_was_not_taken(tmp_path: Path, honest: bool) -> None:
    """A stranger's "not now" would have the write made twice, if it passed it on."""
    world = World(tmp_path)
    platform = world.connected().platform

    def busy(_: httpx.Request) -> httpx.Response:
        return httpx.Response(429, json={})

    world.others = signed(world_proof.read(tmp_path, "w1"), busy) if honest else busy
    with pytest.raises(Throttled if honest else Unsure):
        platform.change("orders", Annotate(), revision="r2", effect=Effect())


def test_a_status_or_a_body_that_was_changed_on_the_way_is_not_the_worlds(tmp_path: Path) -> None:
    key = world_proof.make(tmp_path, "w1")
    proof = key.sign(1, "c", 200, b"{}")
    assert key.signed(1, "c", 200, b"{}", proof)
    for other in ((1, "c", 409, b"{}"), (1, "c", 200, b"[]"), (1, "d", 200, b"{}"), (2, "c", 200, b"{}")):
        assert not key.signed(*other, proof)
    assert not key.signed(1, "c", 200, b"{}", "ü")
    assert not re.search(key.secret, repr(key))


def test_folders_are_believed_below_the_worlds_own_and_where_they_are_roots_or_ours(tmp_path: Path) -> None:
    inside = tmp_path / "world"
    (inside / "logs").mkdir(parents=True)
    (inside / "out").symlink_to("/nowhere")
    assert world_proof.believed(inside / "logs", inside)
    assert world_proof.believed(inside / "not there yet", inside)
    assert world_proof.believed(Path("/usr"), inside), "root's"
    assert world_proof.believed(tmp_path, inside), "ours"
    assert not world_proof.believed(inside / "out", inside), "a link that leaves it"
    assert not world_proof.believed(inside / ".." / "gone", inside)
    assert not world_proof.believed(Path("logs"), inside)
    assert not world_proof.believed(Path("/proc/1/root/nothing/there"), inside)


@pytest.mark.parametrize("name", ["repository", "logs", "spans", "captures"])
def test_a_world_that_names_a_strangers_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unavailable, match="outside its own"):
        World(tmp_path, **{name: "/nowhere/at/all"}).connected()


@pytest.mark.parametrize("field", ["python", "mounts"])
def test_an_interpreter_that_the_world_has_no_say_about_is_refused(tmp_path: Path, field: str) -> None:
    world = World(tmp_path)
    good: dict[str, Any] = {"python": "/usr/bin/env", "mounts": ["/usr"], "environment": {}}
    world.answers["/services/orders/runtime"] = good
    platform = world.connected().platform
    assert platform.runtime("orders").python == "/usr/bin/env"
    stranger = "/nowhere/bin/python"
    world.answers["/services/orders/runtime"] = {**good, field: stranger if field == "python" else [stranger]}
    with pytest.raises(Refused, match="/nowhere/bin/python"):
        platform.runtime("orders")


def test_an_image_lies_where_the_world_has_a_say(tmp_path: Path) -> None:
    """Its interpreter's path is one in the image; the folder of the image is one of this machine."""
    world = World(tmp_path)
    image = {"layout": "/usr", "id": "sha256:" + "0" * 64}
    good = {"kind": "image", "python": "/opt/bin/python3", "mounts": [], "environment": {}, "image": image}
    world.answers["/services/orders/runtime"] = good
    platform = world.connected().platform
    assert platform.runtime("orders").kind == "image"
    world.answers["/services/orders/runtime"] = {**good, "image": {**image, "layout": "/nowhere/layout"}}
    with pytest.raises(Refused, match="/nowhere/layout"):
        platform.runtime("orders")
