"""Ledger: the books, by double entry."""
