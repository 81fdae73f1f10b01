"""The public SQL views and the tables under them."""
