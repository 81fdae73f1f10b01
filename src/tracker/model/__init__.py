"""The words of the field: what can be registered, announced and recorded. No input or output here."""
