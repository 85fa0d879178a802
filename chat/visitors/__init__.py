"""People on websites who ask without an account."""
