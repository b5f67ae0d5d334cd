"""Judges of a scenario: what was seen of the world and the records, and whether it is as it must be.

Each judge is a function from :class:`evals.judging.seen.Seen` to a finding, composed by a scenario's file.
What is missing, unanswered or dead is never a pass.
"""
