"""Pure decisions: facts in, one decision out.  They import `incident` and nothing else of the project."""
