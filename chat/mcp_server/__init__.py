"""A server of the Model Context Protocol, so that assistants and agents can search and ask: ``/mcp/``."""
