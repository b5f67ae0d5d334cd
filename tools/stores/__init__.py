"""What outlives a process: locks, effects, incidents, the audit chain, record folders and checkpoints.

Everything lies under one private folder (:mod:`tools.stores.home`) that several processes share.
"""
