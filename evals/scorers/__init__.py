"""Scores that stand on their own, for the demo and the soak; scenarios use :mod:`evals.judging`."""
