"""What would have turned a decision."""
