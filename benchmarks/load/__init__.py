"""Many people at once: the product as production runs it, asked by Locust. See ``python -m benchmarks.load --help``."""
