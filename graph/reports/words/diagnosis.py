"""Sentences of triage, correlation and the check of hypotheses.  See `graph.reports.vocabulary`."""

from collections.abc import Mapping
from types import MappingProxyType

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        # triage
        "back_inside": "the condition is back inside its threshold with room to spare: {measured}",
        "requests_of": "{least} of {needed} requests",
        "measured_against": "{value:.4f} against {comparison} {threshold:.4f}",
        "error_rate": "error rate {rate:.4f}",
        # correlation
        "nothing_alerts": "nothing alerts",
        "handled_by": "already being handled by {incident}",
        "topology_unknown": "the topology around {service} is unknown",
        "failures_end_at": "failing requests end at {service}",
        "failing_traces": "{count} failing traces",
        "fewer_end_there": "{count} of {total} failing requests end there",
        # hypotheses
        "cites_nothing_known": "cites evidence that does not exist: {evidence}",
        "cites_nothing": "cites no evidence",
        "service_not_seen": "no evidence mentions the service {service}",
        "place_not_seen": "no stack trace shows {path}:{function}",
        "deploy_not_seen": "no deploy of {version} is recorded",
        "setting_not_seen": "no such change of {setting} is recorded",
        "dependency_not_seen": "no evidence shows {host} as a dependency",
        "resource_not_seen": "no evidence speaks for {resource}",
        "not_checked": "its disproving check could not run: {detail:or it was not run}",
        "disproved_by": "disproved by {check}: {detail}",
        "stands": "stands",
        "some_stand": "{kept} of {total} hypotheses stand",
        "none_stands": "none of {total} hypotheses stands",
    }
)
