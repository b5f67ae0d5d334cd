"""HTTP clients with bounds on the time, size and shape of an answer."""
