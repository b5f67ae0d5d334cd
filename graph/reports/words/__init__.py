"""Sentences of the reasons that policies give, one module for each package of policies."""
