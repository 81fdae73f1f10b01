"""The variables of templates: a module for each page, or part of one."""
