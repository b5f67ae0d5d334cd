"""What a patch may do, and what it may not."""
