"""Test kinds: written last, by somebody who has not written the mechanisms, and run once.

There are none yet.  A module here defines `KINDS`, and `evals.bench.diagnosis.kinds.registry` lists it.
"""
