"""Rules of what a patch may do, judged on its syntax tree."""
