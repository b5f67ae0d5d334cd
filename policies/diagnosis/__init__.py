"""What an alert means, and which cause the evidence shows."""
