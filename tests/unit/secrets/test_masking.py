"""A masked platform shows no value that may not be shown, and sets the platform's own."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from incident import setting
from incident.errors import Refused
from incident.evidence import Change, Missing
from incident.workload import (
    Able,
    Annotate,
    Before,
    Configure,
    Effect,
    Routing,
    Settled,
    Version,
    Workload,
    WorkloadChange,
)
from tools import ports
from tools.secrets.mask import Mask, MaskedPlatform

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MASK = Mask(b"key" * 16)


class Plain:
    """A platform that remembers what it was told, and shows it as it is."""

    def __init__(self, config: Mapping[str, str], *changes: Change) -> None:
        version = Version(name="v1", commit="c" * 40, weight=100, ready=True, config=dict(config), started_at=NOW)
        self.workload = Workload(service="orders", revision="1", versions=(version,), effect=Effect(grant="hello"))
        self.changes = changes

    def world(self) -> str:
        return "w"

    def services(self) -> tuple[str, ...]:
        return ("orders",)

    def read(self, service: str) -> Workload:
        return self.workload

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:
        update: dict[str, object] = {"effect": effect, "revision": f"{revision}+"}
        if isinstance(change, Configure):
            (version,) = self.workload.versions
            config = {name: value for name, value in version.config.items() if name != change.key}
            config |= {} if change.value is None else {change.key: change.value}
            update["versions"] = (version.model_copy(update={"config": config}),)
        self.workload = self.workload.model_copy(update=update)
        return self.workload

    def able(self, service: str) -> Able:
        return Able(shares="any", counted_by="router", sources=("commit",))

    def settled(self, service: str, effect: str) -> Settled:
        return Settled(state="in force")

    def routing(self, service: str) -> Routing:
        return Routing(service=service, at=NOW, slow_ms=1.0, versions=())

    def history(self, service: str, since: datetime) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.at >= since)

    def runtime(self, service: str) -> ports.Runtime:
        return ports.Runtime(python="python", mounts=(), environment={})


def rotated(key: str, old: str | None, new: str | None) -> Change:
    return Change(
        service="orders", at=NOW - timedelta(days=400), what="config", version="v1", key=key, old=old, new=new
    )


CONFIG = {"PEPPER": "hunter2", "TIMEOUT_MS": "500", "GREETING": "hello", "EMPTY": ""}


def way_back(plain: Plain) -> Before:
    """The state to go back to, as the platform itself has it."""
    effect = plain.workload.effect
    assert isinstance(effect, Effect)
    assert effect.before is not None
    return effect.before


def masked(plain: Plain, mask: Mask = MASK) -> MaskedPlatform:
    return MaskedPlatform(plain, mask)


def config_of(workload: Workload) -> dict[str, str]:
    return workload.versions[0].config


def test_values_that_may_not_be_shown_are_digests_wherever_they_stand() -> None:
    plain = Plain(CONFIG, rotated("PEPPER", "hunter1", "hunter2"), rotated("TIMEOUT_MS", "5", "500"))
    shown = masked(plain).read("orders")
    config = config_of(shown)
    assert (config["TIMEOUT_MS"], config["EMPTY"]) == ("500", "")
    assert all(setting.is_hidden(config[name]) for name in ("PEPPER", "GREETING"))
    pepper, timeout = masked(plain).history("orders", NOW - timedelta(days=500))
    assert "hunter" not in f"{shown}{pepper}"
    assert (timeout.old, timeout.new) == ("5", "500")
    assert pepper.new == config["PEPPER"] != pepper.old
    assert config_of(plain.workload) == CONFIG


def test_a_digest_tells_equal_values_of_one_setting_and_nothing_else() -> None:
    assert MASK.shown("PEPPER", "x1") == MASK.shown("PEPPER", "x1") != MASK.shown("PEPPER", "x2")
    assert MASK.shown("PEPPER", "x1") != MASK.shown("SALT", "x1")
    assert MASK.shown("PEPPER", "x1") != Mask(b"other" * 9).shown("PEPPER", "x1")
    assert MASK.shown("PEPPER", MASK.shown("PEPPER", "x1")) == MASK.shown("PEPPER", "x1")


@pytest.mark.parametrize("key", ["PEPPER", "GREETING", "TIMEOUT_MS"])
def test_what_a_change_took_away_is_set_again_as_it_was(key: str) -> None:
    plain = Plain({**CONFIG, key: "7"}, rotated(key, "old value 1", "7"))
    platform = masked(plain)
    (change,) = platform.history("orders", NOW - timedelta(days=500))
    assert change.old is not None
    back = platform.change("orders", Configure(version="v1", key=key, value=change.old), revision="1", effect=Effect())
    assert config_of(plain.workload)[key] == "old value 1"
    assert config_of(back)[key] == change.old


def test_the_way_back_stands_at_the_resource_as_it_is_and_is_read_as_a_digest() -> None:
    """Undo needs the platform and nothing else: no history that reaches back so far, and no key of a lost home."""
    plain = Plain({**CONFIG, "PEPPER": "hunter2"}, rotated("PEPPER", "hunter1", "hunter2"))
    platform = masked(plain)
    now = config_of(platform.read("orders"))["PEPPER"]
    before = Before(weights={"v1": 100}, config={"v1": {"PEPPER": now, "TIMEOUT_MS": "500", "NEVER_SET": None}})
    effect = Effect(key="k", grant="hello", before=before)
    platform.change("orders", Annotate(), revision="1", effect=effect)
    kept = way_back(plain)
    assert kept.config["v1"] == {"PEPPER": "hunter2", "TIMEOUT_MS": "500", "NEVER_SET": None}
    assert platform.read("orders").effect == effect
    plain.change(
        "orders", Configure(version="v1", key="PEPPER", value="hunter1"), revision="2", effect=Effect(before=kept)
    )
    plain.changes = ()
    platform.change("orders", Configure(version="v1", key="PEPPER", value=now), revision="3", effect=effect)
    assert config_of(plain.workload)["PEPPER"] == "hunter2"
    other = masked(plain, Mask(b"another home" * 3)).read("orders")
    assert "hunter" not in str(other)


@pytest.mark.parametrize("value", [setting.MARK, setting.hidden("0" * 64)])
def test_a_digest_that_the_platform_knows_no_value_of_is_refused(value: str) -> None:
    """Never is the mark itself set."""
    plain = Plain(CONFIG, rotated("PEPPER", "hunter1", "hunter2"))
    with pytest.raises(Refused, match="set it by hand"):
        masked(plain).change(
            "orders", Configure(version="v1", key="PEPPER", value=value), revision="1", effect=Effect()
        )
    before = Before(weights={"v1": 100}, config={"v1": {"PEPPER": value}})
    with pytest.raises(Refused):
        masked(plain).change("orders", Annotate(), revision="1", effect=Effect(before=before))
    assert config_of(plain.workload) == CONFIG


def test_what_cannot_be_read_stays_so_and_no_secret_in_a_mark_is_shown() -> None:
    plain = Plain(CONFIG)
    plain.workload = plain.workload.model_copy(update={"effect": Missing(reason="password=hunter2 stands there")})
    shown = masked(plain).read("orders").effect
    assert isinstance(shown, Missing)
    assert "hunter2" not in shown.reason
    plain.workload = plain.workload.model_copy(update={"effect": Effect(key="password=hunter2")})
    assert "hunter2" not in str(masked(plain).read("orders").effect)


def test_a_setting_is_unset_as_it_is() -> None:
    plain = Plain(CONFIG)
    masked(plain).change("orders", Configure(version="v1", key="PEPPER", value=None), revision="1", effect=Effect())
    assert "PEPPER" not in config_of(plain.workload)


def test_a_value_that_may_be_shown_is_set_as_it_is() -> None:
    plain = Plain(CONFIG)
    platform = masked(plain)
    platform.change("orders", Configure(version="v1", key="TIMEOUT_MS", value="9"), revision="1", effect=Effect())
    assert config_of(plain.workload)["TIMEOUT_MS"] == "9"
    assert (platform.world(), platform.services()) == ("w", ("orders",))
    assert platform.routing("orders").service == platform.read("orders").service
    assert platform.runtime("orders").python == "python"
