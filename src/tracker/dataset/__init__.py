"""The files of a dataset, read into a registry and statements, and the rules that they must follow."""
