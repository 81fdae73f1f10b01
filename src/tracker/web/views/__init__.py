"""One noun a module: what a page or a part of it shows."""
