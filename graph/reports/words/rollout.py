"""Sentences of the judgements of the canary and of verification.  See `graph.reports.vocabulary`."""

from collections.abc import Mapping
from types import MappingProxyType

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        # canary
        "cannot_be_judged": "this canary cannot be judged: {why}",
        "too_little_history": "only {requests} requests are known from before the incident",
        "healthy_counts_contradict": "the healthy counts contradict themselves",
        "healthy_rate_outside": "a healthy rate of {rate:.4f} is not inside the alert's threshold",
        "look_missing": "{why}",
        "look_stale": "the look is from {at}, now is {now}",
        "look_weight": "{weight} % are routed to the canary where {expected} % are expected",
        "look_older": "the look is older than the one before",
        "counter_negative": "a counter of {version} is negative",
        "more_errors_than_requests": "{version} has more errors or slow answers than requests",
        "version_became": "{before} became {after}",
        "counter_backwards": "a counter of {version} went backwards",
        "split_contradicts": "{canary} of {total} requests reached the canary, which contradicts {weight} %",
        "first_look": "first look of the stage",
        "alarm": "{alarms} (e-value {log:e})",
        "other_errors_rose": "errors of other kinds rose against stable",
        "more_errors_than_before": "more errors than before the incident",
        "more_slow_answers": "more slow answers than stable",
        "unsteady": "{looks} more good looks are needed after a blind one",
        "too_few_requests": "{served} of {needed} requests on the canary so far",
        "memory_grows": "the canary's memory grows where stable's does not",
        "cpu_grows": "a request costs the canary ever more CPU, and stable not",
        "dwelling": "{seconds:.0f} of {needed:.0f} s at full traffic",
        "no_alarm_at_full_traffic": "full traffic without an alarm; verification takes over",
        "not_shown": "not shown yet: {missing:, }",
        "cure_not_shown": "that the signature is gone",
        "other_errors_not_shown": "no more errors of other kinds than stable",
        "all_errors_not_shown": "all errors near the healthy rate",
        "slow_answers_not_shown": "no more slow answers than stable",
        "exposure_not_shown": "that requests of the failing kind reach the canary",
        "memory_not_shown": "the memory of both versions",
        "cpu_not_shown": "the CPU of both versions",
        "cured": "the signature is gone and nothing else is worse",
        "blind": "blind: {why}",
        "blind_too_long": "{looks} looks in a row could not be taken: {why}",
        "not_in_time": "not shown to be good before the deadline of the stage",
        "harm": "{log:e} of {bar:e} (other {other:e}, all {all:e}, slow {slow:e})",
        "by_trend": "by trend",
        # verification
        "condition_unknown": "the alert's own condition is unknown: {why:or the world serves no rule of this name}",
        "all_well": "inside the alert's threshold for {seconds:.0f} s, and every other check holds",
        "still_unclear": "still unclear after the extended watch: {why}",
        "outside_threshold": "outside the threshold for {seconds:.0f} s",
        "outside_with_a_neighbour": "outside the threshold for {seconds:.0f} s, but a neighbour is worse and our own "
        "error is gone",
        "at_full_traffic": "{seconds:.0f} s at full traffic",
        "longest_gap": "longest gap {seconds:.1f} s",
        "fewest": "fewest {samples}",
        "readings_inside": "{inside} of {readings} readings inside {comparison} {threshold}",
        "as_reported": "as the world reports it",
        "neighbours_worse": "a caller or callee is worse than before: {worse}",
        "own_errors_seen": "{count:error|errors} of the incident's kind",
        "readings_stale": "stale",
        "nothing_read": "nothing was read",
    }
)
