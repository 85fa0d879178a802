"""``manage.py populate_documents``: the handbook that comes with the product, into the knowledge base."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from documents.handbook.pages import LIBRARY
from documents.models import Document, Visibility
from documents.publishing import document_delete
from documents.services import Submission, category_ensure, collection_ensure
from rag.bulk import index_all
from rag.followers import follow_all
from utils.errors import GroundedError

CATEGORIES = {"faq": "FAQ", "guide": "Guide", "policy": "Policy"}


class Command(BaseCommand):
    help = "Index the bundled handbook; pages that a new release has dropped are removed."

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console()
        collection = collection_ensure(slug="handbook", name="Handbook", visibility=Visibility.PUBLIC)
        for name in CATEGORIES.values():
            category_ensure(name=name)
        pages = sorted(LIBRARY.glob("*/*.md"))
        submissions = [
            Submission(
                page.read_bytes(),
                page.name,
                source_uri=f"library/{page.relative_to(LIBRARY).as_posix()}",
                category=CATEGORIES[page.parent.name],
            )
            for page in pages
        ]
        try:
            summary = index_all(submissions=submissions, total=len(pages), collection=collection, console=console)
            kept = {submission.source_uri for submission in submissions}
            for document in Document.objects.filter(collection=collection, source_uri__startswith="library/"):
                if document.source_uri not in kept:
                    document_delete(document=document)
            follow_all()
        except GroundedError as error:
            raise CommandError(error.detail) from error
        summary.show(console)
        if summary.failed:
            raise CommandError(f"{len(summary.failed)} of {len(pages)} pages could not be indexed.")
