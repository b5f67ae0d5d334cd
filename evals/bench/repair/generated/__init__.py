"""Patches that careless models would send, made from a wrong function by seeded changes of its syntax.

What is right among them is not known here: only the hidden tests tell.
"""
