"""Sentences of triage, correlation and the check of hypotheses.  See `graph.reports.vocabulary`."""

from collections.abc import Mapping
from types import MappingProxyType

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        # triage
        "back_inside": "the alert's condition is inside its threshold with room to spare: {measured}",
        "requests_of": "{least} of {needed} requests",
        "measured_against": "{value:.4f}, and it fires at {comparison} {threshold:.4f}",
        "error_rate": "error rate {rate:.4f}",
        # correlation
        "nothing_alerts": "nothing alerts",
        "handled_by": "already being handled by {incident}",
        "topology_unknown": "the topology around {service} is unknown",
        "failures_end_at": "failing requests end at {service}",
        "failing_traces": "{count:failing trace|failing traces}",
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
        "hang_not_seen": "nothing shows that {version} is not ready",
        "not_checked": "its disproving check could not run: {detail:or it was not run}",
        "disproved_by": "disproved by {check}: {detail}",
        "no_error_known": "no errors of {service} are known",
        "nothing_would_disprove": "nothing was named that would disprove it",
        "no_place_blamed": "only a blamed place can be compared with other places",
        "errors_go_through": "{here} of {total} errors go through {path}:{function}",
        "blamed_change_not_recorded": "the blamed change is not recorded",
        "no_good_version_named": "no version was said to be good",
        "failed_share": "{who} failed {rate:.1%} of its requests",
        "no_dependency_blamed": "no dependency was blamed",
        "nothing_known_of": "nothing is known about {host}",
        "traces_end_at": "{count} of {total} failing requests end at {host}",
        "no_hang_blamed": "no version was said to hang",
        "answered_well": "{service} answered {requests:request|requests} well since the onset",
        "several_unready": "{count} versions are not ready at once, which they may have a common reason for",
        "started_lately": "{version} was started or changed shortly before, so that it need not have hung",
        "answers_nobody": "{version} ran before the onset, and is not ready for requests",
        # charges against a change
        "errors_after_it": "the first such error came {seconds:+.1f} s from the change",
        "time_alone": "nothing but the order in time speaks for it: the first such error came {seconds:+.1f} s from it",
        "served_alike_well": "under it {requests} recorded requests of the failing kind ({route}) were answered before "
        "the first such error, {errors} of them with that error",
        "alike_failed_since": "of the failing kind ({route}) {before} recorded requests were answered before it, and "
        "{since} have failed since",
        "kind_is_new": "of the failing kind ({route}) {before} recorded requests were answered before it, {errors} of "
        "them with that error, which does not tell what such a request would have met without the change",
        "served_well_since": "{requests} requests were answered after the change and before the onset, {errors} of them "
        "with an error",
        # the search
        "follows": "follows hypothesis {number} of round {round}, about {service}",
        "looks_at": "looks at {service}",
        "looks_as_told": "looks at {service}, at which {people} pointed",
        "doubted_and_left": "{follows}, which {people} doubted; nothing else is left to look at",
        "ranks_all": "ranks suspects over all services, and looks at {service} again",
        "ranked_guilty": "the ranking over all services convicts it, with confidence {confidence:share}, by {mechanisms}",
        "ranked_by_texts": "the ranking over all services convicts it only by what the workload wrote, by {mechanisms}",
        "ranked_innocent": "the ranking over all services clears it",
        "with_suspects": "{why}; first suspects over all services: {suspects}",
        "remedies_spent": "{count} remedies did not help, and no more may be tried",
        "time_spent": "the search has taken {seconds:.0f} s, and no more may be tried",
        "rounds_spent": "the cause could not be established in {count} investigations, and no more may be made",
        "nothing_else": "nothing else is left to look at",
        "nothing_left": "no other hypothesis is left",
        "tried_in_vain": "{remedy}: {why} (blamed: {blamed})",
        "nothing_helped": "{tried}; {rest}",
        "only_suspected": "no cause is established, so no remedy can be chosen: {count} hypotheses could "
        "not be put to the test; {rest}",
        "does_not_know": "no cause is known, so no remedy can be chosen; {rest}",
        "all_struck": "no cause is established, so no remedy can be chosen: none of {count} hypotheses stands; {rest}",
        "blames_code": "{path}:{function} of {service}",
        "blames_deploy": "the deploy of {service} {version}",
        "blames_config": "the change of {setting} of {service} from {old:or nothing} to {new:or nothing}",
        "blames_dependency": "{host}, which {service} calls",
        "blames_resource": "{resource} of {service}",
        "blames_hang": "{version} of {service}, which runs and answers nobody",
        "blames_service": "{service}",
        "stands": "stands",
        "some_stand": "{kept} of {total} hypotheses stand",
        "none_stands": "none of {total} hypotheses stands",
    }
)
