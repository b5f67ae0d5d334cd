"""The state graph, its nodes and routing, and the commands that start it."""
