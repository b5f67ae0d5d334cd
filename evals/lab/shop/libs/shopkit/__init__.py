"""What every service of the shop shares: settings, logs, spans, metrics, calls to peers, and the way it is served."""
