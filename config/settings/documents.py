"""Where documents come from, how they are read and when they are published."""

from typing import Any

from config.settings.environment import DATA_DIR, ENV

# What editors may have the server read on its own (documents/sources/).
SOURCES: dict[str, Any] = {
    "FOLDERS": ENV.source_folders,
    "ALLOWED_PRIVATE": ENV.source_allowed_private,
    "REPOSITORIES": DATA_DIR / "repositories",
}

# Of each file (documents/sandbox.py).
PARSING: dict[str, Any] = {"SECONDS": ENV.parse_seconds, "OCR": ENV.ocr}

# Whether documents that try to instruct the model wait for an editor (documents/quarantine.py).
QUARANTINE: bool = ENV.quarantine

# Looks at what a change of the knowledge base would break before it is published (documents/gate.py).
PUBLISHING_GATE = "rag.gate.QuestionGate"
