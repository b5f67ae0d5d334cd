"""What every adapter of a port promises: a class of tests for each port, which an adapter passes by naming its factory.

A subclass named ``Test...`` fills in `make` (and what else raises NotImplementedError), and every test of the contract
runs for what that returns.  docs/ports.md says how; ``tests/unit/contract/test_example.py`` is an adapter from outside.
"""
