"""Grounded beside other products, over HTTP. See ``python -m benchmarks.peers_http --help``."""
