"""Fleet: sensors of vehicles."""
