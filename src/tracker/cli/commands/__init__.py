"""The commands of `tracker`, a module for each group."""
