"""Checks each sentence of endings, notices and reports against the record that it is about.

It reads the record by itself and shares no code with what renders the sentences: an allow list of forms, each with
its own check.  A sentence of no known form counts as unsupported.
"""
