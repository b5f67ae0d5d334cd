"""Console of the commands: arguments, output, exit codes and the person at the keyboard."""
