"""Live scenarios: each a folder with what happens, what was promised, and who judges.

``NN_name/scenario.yaml`` is read by :mod:`evals.scenarios.spec`; :mod:`evals.scenarios.play` plays it.
"""
