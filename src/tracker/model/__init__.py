"""Models of the field: subjects, announcements, effects and stored events. No input or output."""
