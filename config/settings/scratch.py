"""A throw-away installation in DATA_DIR: nothing of it reaches the real database or a shared store."""

from config.settings.local import *
from config.settings.local import DATA_DIR, RAG, sqlite

SCRATCH = True
DATABASES = {"default": sqlite(DATA_DIR)}
RAG["VECTOR_STORE"] = "rag.stores.faiss.FaissStore"
QUARANTINE = False  # what is measured is the whole set
