"""Memory of incidents: steps of a second occurrence beside the first, and what false memories can do."""
