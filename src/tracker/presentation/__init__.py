"""Answers in words, shared by the command line and the pages."""
