"""Judges of a scenario: functions that compare the world and the records with what the scenario expects.

Each judge is a function from :class:`evals.judging.seen.Seen` to a finding, composed by a scenario's file.
What is missing, unanswered or dead is never a pass.
"""
