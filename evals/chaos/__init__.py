"""Kills the healer at chosen points and judges how the next process goes on: ``python -m evals.chaos``.

Every kill is a SIGKILL of a real process that works with the real ledger, checkpointer, locks and audit
chain against a world in a process of its own, whose own record of writes is the judge of duplicates.
The product has no hook for this: the parts that it is wired from are wrapped here.
"""
