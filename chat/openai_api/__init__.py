"""The chat as OpenAI's API has it, so that programs made for that one work: ``/v1/``."""
