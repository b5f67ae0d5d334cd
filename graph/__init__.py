"""The state graph, its nodes and routing, and the commands that start it."""

import sys

if sys.argv[0] == "-m":  # what Python writes there while it still looks for the module of `python -m graph.X`
    from graph import loading

    loading.leave_on_interrupt()
