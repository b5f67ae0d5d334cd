"""Playbook: a chat model without a language model.

It reads the same messages and calls the same tools as any other model, decides by fixed rules, and
gives the same answer to the same messages.  What its rules do not cover it leaves to a person.
"""
