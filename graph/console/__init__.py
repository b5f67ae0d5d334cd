"""What every command does alike at a terminal."""
