"""Platform that shows digests in place of the setting values that an incident may not see.

State, ledger, records and prompts never hold such a value, so none of them can leak it; equal values have equal
digests, so what changed can still be seen.  Where one is to be set, the platform itself is asked which of its values
has that digest.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from incident import setting
from incident.errors import Refused
from incident.evidence import Change, Missing
from incident.workload import Before, Configure, Effect, Version, Workload, WorkloadChange
from tools import ports
from tools.secrets import redaction

Config = Mapping[str, str]

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Mask:
    """Keyed digests of the values of settings: without the key nobody can try which value has one."""

    def __init__(self, key: bytes) -> None:
        # Derived, so that no digest of a setting is ever a mark or a MAC made with the same key.
        self._key = hmac.new(key, b"values of settings", hashlib.sha256).digest()

    def shown(self, name: str, value: str) -> str:
        """The value where it may be shown, else its digest.  A digest is returned as it is."""
        if setting.is_hidden(value) or setting.shown(name, value):
            return value
        return setting.hidden(hmac.new(self._key, f"{name}\0{value}".encode(), hashlib.sha256).hexdigest())

    def config(self, config: Config) -> dict[str, str]:
        """A configuration with its values as they may be shown."""
        return {name: self.shown(name, value) for name, value in config.items()}

    def change(self, change: Change) -> Change:
        """A recorded change without values that may not be seen."""
        if change.what not in ("config", "flag") or change.key is None:
            return change
        shown = {
            side: None if value is None else self.shown(change.key, value)
            for side, value in (("old", change.old), ("new", change.new))
        }
        return change.model_copy(update=shown)


class MaskedChanges:
    """:class:`tools.ports.Changes` over another one."""

    def __init__(self, changes: ports.Changes, mask: Mask) -> None:
        self._changes, self._mask = changes, mask

    def within(self, start: datetime, end: datetime) -> tuple[Change, ...] | Missing:
        """Changes of everybody, oldest first."""
        found = self._changes.within(start, end)
        return found if isinstance(found, Missing) else tuple(map(self._mask.change, found))


class MaskedPlatform:
    """:class:`tools.ports.Platform` over another one."""

    def __init__(self, platform: ports.Platform, mask: Mask) -> None:
        self._platform, self._mask = platform, mask
        # What these answer holds no setting.
        self.world, self.services, self.able, self.settled = (
            platform.world,
            platform.services,
            platform.able,
            platform.settled,
        )
        self.routing, self.runtime = platform.routing, platform.runtime

    def read(self, service: str) -> Workload:
        """The service as it is now."""
        return self._masked(self._platform.read(service))

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:
        """Make one change; a digest stands for the platform's own value.  Raises Refused when it has no such value any more."""
        if isinstance(change, Configure):
            change = change.model_copy(update={"value": self._true(service, change.key, change.value)})
        true = effect.model_copy(update={"before": self._unmasked(service, effect.before)})
        return self._masked(self._platform.change(service, change, revision=revision, effect=true))

    def history(self, service: str, since: datetime) -> tuple[Change, ...]:
        """Recorded changes of the service, oldest first."""
        return tuple(map(self._mask.change, self._platform.history(service, since)))

    def _masked(self, workload: Workload) -> Workload:
        versions = tuple(self._version(version) for version in workload.versions)
        return workload.model_copy(update={"versions": versions, "effect": self._effect(workload.effect)})

    def _effect(self, effect: Effect | Missing) -> Effect | Missing:
        if isinstance(effect, Missing):
            return effect.model_copy(update={"reason": redaction.redact_text(effect.reason)})
        before = effect.before
        if before is not None:
            config = {
                version: {
                    name: None if value is None else self._mask.shown(name, value) for name, value in kept.items()
                }
                for version, kept in before.config.items()
            }
            before = before.model_copy(update={"config": config})
        # Whoever may write at the resource may write anything there.
        said = {name: redaction.redact_text(getattr(effect, name)) for name in ("key", "grant", "incident")}
        return effect.model_copy(update={**said, "before": before})

    def _version(self, version: Version) -> Version:
        return version.model_copy(update={"config": self._mask.config(version.config)})

    def _unmasked(self, service: str, before: Before | None) -> Before | None:
        """The state to go back to, with true values, for the resource: undo needs nothing but the platform."""
        if before is None:
            return None
        config = {
            version: {key: self._true(service, key, value) for key, value in values.items()}
            for version, values in before.config.items()
        }
        return before.model_copy(update={"config": config})

    def _true(self, service: str, key: str, value: str | None) -> str | None:
        """The platform's own value where this is a digest, else the value.  Raises Refused."""
        if value is None or not setting.is_hidden(value):
            return value
        found = {known for known in self._values(service, key) if self._mask.shown(key, known) == value}
        # Of two values with one digest neither is set: the wrong one would look like a restored setting.
        if len(found) != 1:
            raise Refused(f"the platform knows {len(found)} values of {key} that were {value}: set it by hand")
        return found.pop()

    def _values(self, service: str, key: str) -> Iterator[str]:
        """Every value of a setting that the platform knows of; the resource's own, and then its history's."""
        workload = self._platform.read(service)
        before = workload.effect.before if isinstance(workload.effect, Effect) else None
        kept = before.config.values() if before else ()
        for config in (*(version.config for version in workload.versions), *kept):
            value = config.get(key)
            if value is not None:
                yield value
        for change in self._platform.history(service, _EVER):
            if change.what == "config" and change.key == key:
                yield from (value for value in (change.old, change.new) if value is not None)


class MaskedWorld:
    """:class:`tools.ports.World` with its platform masked."""

    def __init__(self, world: ports.World, mask: Mask) -> None:
        self.name, self.clock = world.name, world.clock
        self.platform: ports.Platform = MaskedPlatform(world.platform, mask)
        self.metrics = world.metrics
        self.logs = world.logs
        self.traces = world.traces
        self.captures = world.captures
        self.changes: ports.Changes = MaskedChanges(world.changes, mask)
        self.places = world.places
        self.repository = world.repository
        self.aliases = world.aliases
        self.gaps = world.gaps
        self.renew = world.renew
