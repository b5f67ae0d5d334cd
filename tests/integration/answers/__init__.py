"""Answers without end, over real sockets."""
