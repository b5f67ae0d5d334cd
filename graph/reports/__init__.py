"""Reports for people about an incident, computed from its record alone."""
