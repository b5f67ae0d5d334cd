"""Tickets: triage, boards and mails of a help desk."""
