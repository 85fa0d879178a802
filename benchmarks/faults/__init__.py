"""The whole product under faults: what was acknowledged is kept, and everything works again by itself."""
