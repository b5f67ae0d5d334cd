"""Counterfactuals: the smallest changes of facts that would have decided otherwise."""
