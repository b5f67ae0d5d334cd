"""Kinds of causes, in two folders: those that mechanisms are developed on, and those that test them once."""
