"""Where topics come from and completions go to: this database, or a service elsewhere."""
