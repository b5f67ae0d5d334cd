"""Sentences of the mechanisms that rank suspects, and of the ranking.  See `graph.reports.vocabulary`."""

from collections.abc import Mapping
from types import MappingProxyType

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        # silent, because the input is missing
        "no_lines_counted": "no log lines were counted",
        "no_names_known": "no names of others are known",
        "no_calls_traced": "no calls were traced",
        "too_few_calls": "too few calls were traced to compare",
        "no_series_known": "no series are known",
        "nobody_heard": "no service was heard at all",
        "all_are_silent": "{services} services are silent at once, which the store of telemetry may be itself",
        "no_change_recorded": "no change is recorded",
        "no_words_of_changes": "nothing is known of what the changes changed",
        "nothing_new_to_compare": "nothing is new that words could be compared with",
        "no_traffic_to_compare": "no two versions, and no requests of the failing kind, can be compared",
        "no_requests_counted": "no requests are counted",
        "no_places_known": "it is not known what runs where",
        "too_few_requests_recorded": "too few requests were recorded",
        # scores
        "line_changed": "{lines:kind of log line|kinds of log lines} changed, most of all ({what}): {line}",
        "named_by": "new lines of {services} name it",
        "calls_slower": "{share:.1%} more of {calls} calls are above the healthy 95 % ({where})",
        "adds_time": "{share:.1%} of the added time is its own, {seconds:.1f} s in all",
        "loses_calls": "{share:.1%} of the lost successes are its own: {lost} of {calls} calls",
        "series_moved": "{series} went from {before:g} to {since:g}, {deviations:.1f} deviations",
        "symptom_first": "{series} went from {before:g} to {since:g}, and nobody was earlier",
        "symptom_later": "{series} went from {before:g} to {since:g}, later than that of others",
        "silent_since": "nothing was heard of it for {seconds:.0f} s",
        "not_scraped_since": "its own samples end {seconds:.0f} s ago",
        "changed_after_onset": "it came {seconds:.0f} s after the onset",
        "changed_before_onset": "it came {seconds:.0f} s before the onset",
        "moved_with_change": "its service moved with it, before the onset",
        "served_well_between": "{requests} requests were answered in the {seconds:.0f} s between it and the onset",
        "words_shared": "what is new says its words: {words:or none}",
        "versions_compared": "its version failed {failed} of {requests} requests, others {others_failed} of {others}",
        "alike_before": "before it {alike:request|requests} of the failing kind ({route}) came, {well} of them went "
        "well, beside {others} of other kinds",
        "names_callee": "its key or its values name whom its service calls: {callees}",
        "load_stepped": "{service} is asked {factor:.1f} times as often, from before the trouble",
        "trouble_on_machine": "{sick} of its {services:service is|services are} in trouble, and {elsewhere} elsewhere",
        "protocol_words": "new lines of {service} say so in words of the protocol",
        "set_apart": "{failing:.0%} of the failing requests and {healthy:.0%} of the healthy ones of {route} have "
        "{feature}",
        "said_of_it": "{person} said {said}",
        # the ranking
        "first_suspect": "the first suspect is the {kind} {name}, with confidence {confidence:share}",
        "nobody_stands_out": "nobody weighs more than healthy time brings by itself ({bound:share} nats)",
        "weighs_less": "weight {weight:share} nats, confidence {confidence:share}, {standing}",
    }
)
