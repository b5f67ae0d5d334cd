"""The lab: arithmetic, schedules and doors."""
