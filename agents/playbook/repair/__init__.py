"""Repair templates over the syntax tree, one published kind of fix a file.

The kinds come from TBar (Liu et al., ISSTA 2019; FP1 to FP15), PAR (Kim et al., ICSE 2013), and for
Python's type errors from PyTER (Oh and Oh, FSE 2022) and the bugs of BugsInPy (Widyasari et al., FSE
2020).  A template gets a fault (source, failing line, exception, what the data looks like) and returns
whole functions; `agents.playbook.repair.catalogue` puts them in order.  What a guard falls back to must be in
the code, its schemas or its constants already: nothing here makes up a value.
"""
