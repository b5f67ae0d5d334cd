"""Ranking of the remedies: each kind is checked, the first fit is chosen, and the others say why they lost.

Going back to a state that worked comes before mending, and mending before restarting; a cause that none of
them handles goes to a person.  A dormant bug has nothing to go back to.  Of those that fit, one that healed the same
failure before comes first, and one that failed here before comes last; a past never makes one fit.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import Field

from incident.decision import Allow, Alternative, Constraint, Hold, Reason, because
from incident.diagnosis import Hypothesis
from incident.evidence import Dossier, Signals
from incident.remedy import Remedy, RemedyKind
from incident.value import Value
from incident.workload import Workload
from policies import limits
from policies.policy import Judgement, Policy
from policies.remedy import experience, options

NAME = "remedies.rank"
VERSION = 5

ORDER: tuple[RemedyKind, ...] = (
    "revert_config",
    "roll_back",
    "patch",
    "restart",
    "scale",
    "wait",
    "ask_human",
)
"""Order of the kinds; the first fit wins.  The two that go back to a known state come first, asking is last."""


class Facts(Value):
    """The leading hypothesis, the evidence, and the states that one could go back to."""

    hypothesis: Hypothesis
    dossier: Dossier
    workload: Workload
    previous_good: tuple[str, str] | None
    """(version, commit) that served well before the one that runs now; None when there is none."""
    earlier: Signals | None = None
    """Signals of that version before it was replaced; None when nobody knows."""
    running: Signals | None = None
    """Signals of the running version since the onset; None when nobody knows."""
    reproduction: bool
    """True when a recorded request fails in the sandbox as it failed in the world."""
    unreproduced: str = ""
    """Reason that none does, where code is blamed; empty when that is not known."""
    tried: tuple[str, ...]
    """Digests of the remedies that were tried in this incident and did not help."""
    # Left out of the encoding where it is false, as in every record from before the field was there.
    unsets: bool = Field(default=False, exclude_if=lambda unsets: not unsets)
    """True when a setting can go back to not being set."""
    limits: limits.Remedies


class Result(Value):
    """The remedy that was chosen."""

    service: str
    remedy: Remedy | None
    """None for a patch, which has yet to be written, and where a person is asked."""
    refuted: Reason = Reason()
    """Reason that the change which is blamed did not cause it, as far as going back from it was checked; empty when that
    does not speak against it."""


GOES_BACK: Mapping[str, RemedyKind] = MappingProxyType({"deploy": "roll_back", "config": "revert_config"})
"""Remedy that goes back from each kind of change."""

REFUTING: frozenset[str] = frozenset(
    {
        "another_version_runs",
        "deploy_innocent",
        "deploy_only_suspected",
        "failed_as_well",
        "no_worse",
        "changed_since",
        "tried_before",
    }
)
"""Reasons against going back that speak against the blame, too: what is blamed is gone, or did no harm."""


def rank(facts: Facts) -> Judgement[RemedyKind, Result]:
    """Choose a kind of remedy."""
    case = options.Case(
        hypothesis=facts.hypothesis,
        dossier=facts.dossier,
        workload=facts.workload,
        previous_good=facts.previous_good,
        earlier=facts.earlier,
        running=facts.running,
        reproduction=facts.reproduction,
        unreproduced=facts.unreproduced,
        unsets=facts.unsets,
        limits=facts.limits,
    )
    fits = {kind: _fit(kind, case, facts.tried) for kind in ORDER}
    known = {kind: experience.of(kind, facts.hypothesis, facts.dossier) for kind in ORDER}
    chosen, usual = (_first(order, fits) for order in (_ordered(known), ORDER))
    reason = fits[chosen].why if chosen == usual else _moved(chosen, usual, fits, known)
    return Judgement[RemedyKind, Result](
        policy=NAME,
        version=VERSION,
        verdict=Hold(reason=reason) if chosen == "ask_human" else Allow(reason=reason),
        choice=chosen,
        constraints=tuple(
            Constraint(name=f"{kind}_fits", held=not fit.why_not, detail=fit.why_not or fit.why)
            for kind, fit in fits.items()
        ),
        alternatives=_alternatives(fits, chosen, known),
        result=Result(
            service=facts.workload.service,
            remedy=fits[chosen].remedy,
            refuted=_refuted(facts.hypothesis, fits) if chosen == "ask_human" else Reason(),
        ),
    )


def _ordered(known: Mapping[RemedyKind, experience.Experience]) -> tuple[RemedyKind, ...]:
    """Return the order of the kinds with what is known of them; a person is asked last, whatever happened before."""
    return tuple(sorted(ORDER, key=lambda kind: (kind == "ask_human", -known[kind].credit)))


def _first(order: tuple[RemedyKind, ...], fits: Mapping[RemedyKind, options.Fit]) -> RemedyKind:
    return next(kind for kind in order if not fits[kind].why_not)


def _moved(
    chosen: RemedyKind,
    usual: RemedyKind,
    fits: Mapping[RemedyKind, options.Fit],
    known: Mapping[RemedyKind, experience.Experience],
) -> Reason:
    """Return the reason of a choice that would have been another one without the past."""
    said = (*_for(known[chosen]), *_against(known[usual]))
    return because("past_decides", why=fits[chosen].why, usual=usual, said=said)


def _for(known: experience.Experience) -> tuple[Reason, ...]:
    return (because("healed_before", incidents=known.healed),) if known.healed else ()


def _against(known: experience.Experience) -> tuple[Reason, ...]:
    back = (because("taken_back_before", incidents=known.taken_back),) if known.taken_back else ()
    wrong = (because("called_wrong", incidents=known.called_wrong),) if known.called_wrong else ()
    return (*back, *wrong)


def _refuted(hypothesis: Hypothesis, fits: Mapping[RemedyKind, options.Fit]) -> Reason:
    back = GOES_BACK.get(hypothesis.cause.kind)
    why_not = fits[back].why_not if back is not None else Reason()
    return why_not if why_not.code in REFUTING else Reason()


def _fit(kind: RemedyKind, case: options.Case, tried: tuple[str, ...]) -> options.Fit:
    fit = options.consider(kind, case)
    if fit.remedy is not None and fit.remedy.digest() in tried:
        return options.Fit(why=fit.why, why_not=because("tried_before"))
    return fit


def _alternatives(
    fits: Mapping[RemedyKind, options.Fit],
    chosen: RemedyKind,
    known: Mapping[RemedyKind, experience.Experience],
) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(
            name=kind,
            pros=(*options.PROS[kind], *_for(known[kind])),
            cons=(*options.CONS[kind], *_against(known[kind])),
            why_not=fit.why_not or because("another_comes_first", chosen=chosen, why=fits[chosen].why),
        )
        for kind, fit in fits.items()
        if kind != chosen
    )


POLICY = Policy(NAME, VERSION, Facts, Result, rank)
