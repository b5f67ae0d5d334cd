"""Development kinds: whoever writes a mechanism may look at these as often as they like."""
