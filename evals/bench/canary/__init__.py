"""The canary's tests against what no test can beat, and against what users have today.  See docs/canary.md."""
