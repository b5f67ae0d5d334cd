"""The parts of a proof: trials in a sandbox, comparison of answers, the scope of an edit, the regression test.

They take ports and values and know no adapter; :mod:`tools.proof.prover` puts them together.
"""
