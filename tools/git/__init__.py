"""Git repositories, read and written as files; git itself is never run."""
