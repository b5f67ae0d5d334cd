"""What people read of an incident, computed from its record alone."""
