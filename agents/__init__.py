"""Agents: evidence in, one typed answer out.  The only code that talks to a language model."""
