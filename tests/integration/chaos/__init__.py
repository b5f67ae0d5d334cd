"""Short forms of the chaos run, and the scanner as a command."""
