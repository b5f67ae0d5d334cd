"""Notify: messages to customers."""
