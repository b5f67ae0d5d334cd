"""The lab, the scenarios that run against it, and the judges of both."""
