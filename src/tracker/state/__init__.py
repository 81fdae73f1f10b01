"""Values become states: lanes, measures, instruments, pledges. Pure functions over the rule of time."""
