"""Test kinds: written last, by somebody who has not read the mechanisms, and run once.

Whoever writes a mechanism does not look at them.
"""
