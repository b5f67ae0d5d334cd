"""Thresholds of all policies, in one frozen object that a person can read and set.

Rates are shares between 0 and 1, times are seconds, risk is in integer ten-thousandths.  Each field
says what it means, why this default, and how to turn it off.  `policies.profiles` holds the sets
that are in use; facts carry only the part that their policy needs.
"""

from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from incident.decision import SCALE
from incident.value import Value


class Triage(Value):
    """Limits of triage, which tells false alarms from others."""

    min_samples: int = Field(default=50, ge=1)
    """Requests that a measurement must rest on; below it we investigate.  50: a 5 % error rate would show."""
    margin: float = Field(default=0.3, ge=0, lt=1)
    """Distance inside its threshold that the condition must have, as a share of the threshold.  0 turns it off."""
    max_error_rate: float = Field(default=0.02, ge=0, le=1)
    """Error rate above which the service is not called healthy, whatever the condition says.  1 turns it off."""


class Traits(Value):
    """Limits for traits, which set failing requests apart from healthy ones."""

    min_failing: int = Field(default=3, ge=1)
    """Failing captures needed to say anything."""
    min_healthy: int = Field(default=10, ge=1)
    """Healthy captures needed; with fewer nothing was compared, so nothing sets them apart."""
    in_failing: float = Field(default=0.95, gt=0, le=1)
    """Share of the failing captures that must have the trait; not 1, because a log may mix in another error."""
    in_healthy: float = Field(default=0.01, ge=0, lt=1)
    """Share of the healthy captures that may have it."""


class Evidence(Value):
    """Limits of the evidence gate, which asks whether the cause is established."""

    min_kinds: int = Field(default=2, ge=1)
    """Kinds of evidence that must support the cause.  1 turns the second opinion off."""
    min_confidence: int = Field(default=5_000, ge=0, le=SCALE)
    """Computed confidence needed without a person.  0 turns it off."""


class Remedies(Value):
    """Limits of the choice of a remedy, such as the age of a change that is undone rather than mended."""

    fresh_seconds: float = Field(default=1800.0, ge=0)
    """A change this long before the onset may have caused it.  0: no change is ever fresh."""
    onset_slack_seconds: float = Field(default=5.0, ge=0)
    """The onset is an estimate: a change this much after it still counts as before."""
    wait_seconds: float = Field(default=60.0, gt=0, le=600)
    """Seconds that the remedy "wait" watches."""


class Patch(Value):
    """Limits of a patch's size."""

    max_changed_lines: int = Field(default=40, ge=1)
    """Lines added plus removed in source, tests not counted.  A guard needs fewer than 10."""
    max_test_lines: int = Field(default=400, ge=1)
    """Lines of added tests."""


class Risk(Value):
    """Weights of the risk factors in ten-thousandths (they add up to 10,000) and what fills each factor."""

    reach: int = Field(default=1_500, ge=0)
    """Weight of the number of services that depend on the changed one."""
    size: int = Field(default=800, ge=0)
    """Weight of the changed lines."""
    place: int = Field(default=800, ge=0)
    """Weight of where the change is: nowhere, one function, configuration, a module, shared code."""
    proof: int = Field(default=1_500, ge=0)
    """Weight of what the proof leaves open."""
    coverage: int = Field(default=800, ge=0)
    """Weight of changed lines that no test runs."""
    diagnosis: int = Field(default=1_100, ge=0)
    """Weight of the doubt about the cause."""
    reversibility: int = Field(default=900, ge=0)
    """Weight of what cannot be undone."""
    recent_failures: int = Field(default=600, ge=0)
    """Weight of changes to this service that failed lately."""
    budget: int = Field(default=600, ge=0)
    """Weight of the error budget that is used up: with nothing left, the next mistake breaks the objective."""
    hour: int = Field(default=400, ge=0)
    """Weight of acting while people sleep, or right before a freeze window."""
    remedy: int = Field(default=400, ge=0)
    """Weight of the kind of remedy."""
    severity: int = Field(default=600, ge=0)
    """Weight of the measured error rate: the more is broken, the more a person should know."""
    full_dependents: int = Field(default=8, ge=1)
    """Dependents that fill the factor reach."""
    full_lines: int = Field(default=40, ge=1)
    """Changed lines that fill the factor size."""
    full_failures: int = Field(default=3, ge=1)
    """Recent failures that fill their factor."""
    full_checks: int = Field(default=7, ge=1)
    """Passed checks that empty the factor proof."""
    working_hours: tuple[int, int] = (8, 18)
    """First hour and the hour after the last, UTC, Monday to Friday.  (0, 24) counts weekdays only."""
    freeze_margin_seconds: float = Field(default=3600.0, ge=0)
    """A freeze window that begins this soon fills the factor hour: nobody may mend what turns out badly.  0: off."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        total = sum(self.weights().values())
        if total != SCALE:
            raise ValueError(f"the {len(FACTORS)} risk weights add up to {total}, not to {SCALE}")
        return self

    def weights(self) -> dict[str, int]:
        """The weights by factor name."""
        return {name: getattr(self, name) for name in FACTORS}


FACTORS: tuple[str, ...] = (
    "reach",
    "size",
    "place",
    "proof",
    "coverage",
    "diagnosis",
    "reversibility",
    "recent_failures",
    "budget",
    "hour",
    "remedy",
    "severity",
)
"""Names of the risk factors, in the order in which people read them."""


class Objective(Value):
    """A service level objective: the share of requests that must succeed over a time; the rest is the error budget."""

    objective: float = Field(default=0.999, gt=0, le=1)
    """Share of the requests that must succeed.  1: there is no budget, the first error uses it up."""
    window_seconds: float = Field(default=30 * 86_400.0, gt=0)
    """The time it is counted over.  30 days: what most objectives use.  Samples must reach back that far."""


class Slo(Value):
    """The objectives of the services."""

    standard: Objective = Objective()
    """Of every service that is not named below."""
    services: dict[str, Objective] = {}
    """By service."""

    def of(self, service: str) -> Objective:
        """The objective of one service."""
        return self.services.get(service, self.standard)


class Freeze(Value):
    """A time in which nothing is changed."""

    start: AwareDatetime
    end: AwareDatetime
    reason: str
    services: tuple[str, ...] = ()
    """Only these services; empty: every service."""


class Reach(Value):
    """Limits of a change's reach: without a person, and at all."""

    auto_below: int = Field(default=3_500, ge=0, le=SCALE)
    """Risk below this goes through by itself.  0: a person always decides."""
    never_from: int = Field(default=6_500, ge=0, le=SCALE)
    """Risk from here on is refused, whoever asks.  10,000: never refused for risk alone."""
    max_dependents: int = Field(default=6, ge=0)
    """More services than this behind the changed one: refused.  A large number turns it off."""
    critical_error_rate: float = Field(default=0.4, ge=0)
    """From this error rate on a person decides.  Above 1 turns it off."""
    critical_inverse_error_rate: float = Field(default=1.01, ge=0)
    """From this error rate on a person decides about the exact inverse of a recorded setting, too.  It is no more than a
    way back, so by default it waits for nobody when every other limit holds."""
    max_actions_per_hour: int = Field(default=6, ge=0)
    """Changes of the world in the last hour, all incidents together."""
    max_tries: int = Field(default=3, ge=1)
    """Tries for one fingerprint in one day; then the breaker is open and a person decides."""
    flap_seconds: float = Field(default=6 * 3600.0, ge=0)
    """A service that left a version or value and came back to it within this time: a person decides.  0: off."""
    freezes: tuple[Freeze, ...] = ()
    """Times without changes.  Empty: none."""
    severities: tuple[str, ...] = ("critical", "emergency", "error", "high", "major", "page", "warning", "p1", "p2")
    """Values of an alert's label `severity` at which we may act alone, in small letters; at any other word (info,
    none, a word of your own) a person decides.  An alert without the label may be acted upon.  ["*"] turns it off."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.auto_below >= self.never_from:
            raise ValueError("auto_below must be smaller than never_from")
        if any(freeze.start >= freeze.end for freeze in self.freezes):
            raise ValueError("a freeze must start before it ends")
        return self


class Trend(Value):
    """Limits of a trend: a resource that grows on the canary and not on stable may be a leak."""

    required: Literal["always", "when known", "never"]
    """Cases in which full traffic waits until the trend is known: all, those with samples of both versions, or none
    (for a platform without samples)."""
    min_points: int = Field(default=6, ge=3)
    """Points that a trend needs."""
    min_growth: float = Field(ge=0)
    """Growth against stable below this is no leak, in the resource's unit.  A huge number turns it off."""
    horizon_seconds: float = Field(default=600.0, gt=0)
    """A leak is growth that would double stable's value within this time."""


class Canary(Value):
    """The sequential tests of a canary.  All e-values are compared on the log scale."""

    alpha: float = Field(default=0.01, gt=0, lt=0.5)
    """Chance that a good canary is rolled back by the tests, all of them and all looks together."""
    beta: float = Field(default=0.05, gt=0, lt=0.5)
    """Chance per question that a bad canary passes it."""
    min_margin: float = Field(default=0.02, gt=0, lt=1)
    """Least delta: how much worse still counts as no worse.  2 points: less would need minutes of traffic."""
    slow_margin: float = Field(default=0.05, gt=0, lt=1)
    """The same for the share of slow answers, which is noisier than errors."""
    signature_share: float = Field(default=0.2, gt=0, lt=1)
    """"Not cured" means: still fails at least this share of what used to fail."""
    min_requests: int = Field(default=30, ge=1)
    """Requests that the canary must have served before it may be widened."""
    min_exposed: int = Field(default=1, ge=0)
    """Requests of the failing kind that must have been seen on the canary before full traffic, where they can
    be told.  1, because recorders sample.  0 turns it off."""
    min_healthy_requests: int = Field(default=100, ge=1)
    """Requests from before the incident that the healthy rate must rest on."""
    stage_deadline_seconds: float = Field(default=1800.0, gt=0)
    """A stage that is undecided for this long is rolled back."""
    dwell_seconds: float = Field(default=300.0, ge=0)
    """Least time at 100 % before verification takes over.  0 turns it off."""
    max_blind_looks: int = Field(default=15, ge=1)
    """Looks in a row that may fail before the canary is rolled back."""
    steady_looks: int = Field(default=5, ge=0)
    """Good looks in a row that must follow a blind one before anything is widened: what flaps is not trusted.
    0 turns it off."""
    stale_seconds: float = Field(default=5.0, gt=0)
    """A look older than this, or from this far in the future, is no look."""
    strange_answers: int = Field(default=3, ge=1)
    """Recorded answers of the canary, unlike all of stable's, that roll it back; fewer hold it.  3: one may be chance."""
    known_answers: int = Field(default=20, ge=1)
    """Recorded answers of stable that such a difference must rest on.  A very large number turns the comparison off."""
    memory: Trend = Trend(required="always", min_growth=16 * 1024 * 1024)
    """In bytes.  16 MiB: warm-up caches grow by some megabytes."""
    cpu: Trend = Trend(required="when known", min_growth=10.0)
    """In milliseconds of CPU per request.  10 ms: less is noise when a core is shared.  When known: without
    requests a version has no cost of a request."""


class Verify(Value):
    """Limits of verification, which says whether a changed service is healed."""

    bake_seconds: float = Field(default=600.0, gt=0)
    """Seconds for which everything must be well, without a gap."""
    watch_seconds: float = Field(default=1800.0, gt=0)
    """Planned length of the watch: start plus this is its deadline."""
    extension_seconds: float = Field(default=1800.0, ge=0)
    """Seconds after its deadline for which an unclear watch goes on before a person is asked.  0 turns it off."""
    min_samples: int = Field(default=50, ge=1)
    """Requests that each reading must rest on."""
    max_gap_seconds: float = Field(default=30.0, gt=0)
    """Longest time between two readings, and from the last one until now."""
    sustained_seconds: float = Field(default=60.0, gt=0)
    """A breach this long is no blip."""
    max_signature: int = Field(default=0, ge=0)
    """Errors of the incident's own kind that may still be seen."""


class Retry(Value):
    """Limits of how often things are tried."""

    max_attempts: int = Field(default=4, ge=1)
    """Times the patch agent is asked."""
    max_rounds: int = Field(default=3, ge=1)
    """Investigations per incident, the first one included: each gathers the evidence of one service."""
    max_remedies: int = Field(default=3, ge=1)
    """Remedies that may be refused or taken back in one incident; then a person decides, whatever is left to try."""
    search_seconds: float = Field(default=3600.0, gt=0)
    """Seconds after the incident was opened from which on no other hypothesis is taken up.  One hour: by then a person
    looks."""


class Limits(Value):
    """The limits of all policies."""

    name: Literal["standard", "lab", "custom"] = "custom"
    triage: Triage = Triage()
    traits: Traits = Traits()
    evidence: Evidence = Evidence()
    remedies: Remedies = Remedies()
    patch: Patch = Patch()
    risk: Risk = Risk()
    slo: Slo = Slo()
    reach: Reach = Reach()
    canary: Canary = Canary()
    verify: Verify = Verify()
    retry: Retry = Retry()
