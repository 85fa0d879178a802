"""What a course gives its members to read: documents in a collection of its own, which nobody else sees."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from documents.models import Collection, Document, Visibility
from documents.publishing import document_delete
from documents.selectors import documents_all
from documents.services import Submitted, collection_create
from learning.courses.services import material_open
from learning.models import Course
from rag.services import files_submit, text_submit
from users.models import User
from utils.errors import NotFound


def material_submit(*, actor: User, course: Course, **handed_in: Any) -> Submitted:
    """Hand in a text or, as ``file``, files, as rag/services.py takes them. Raises what that raises."""
    submit = files_submit if "file" in handed_in else text_submit
    return submit(author=actor, collection=_collection_ensure(actor, course).slug, **handed_in)


def materials_of(course: Course) -> QuerySet[Document]:
    """With the state of their newest versions."""
    found = documents_all()
    return found.filter(collection=course.collection_id) if course.collection_id else found.none()


def material_delete(*, actor: User, course: Course, document_id: UUID) -> None:
    """Raises NotFound, and Conflict where golden questions need it."""
    document = materials_of(course).filter(pk=document_id).first()
    if document is None:
        raise NotFound("The course has no material with this id.")
    document_delete(document=document, author=actor)


@transaction.atomic
def _collection_ensure(actor: User, course: Course) -> Collection:
    """Raises Conflict where an editor has given another collection this name: that may be for everybody."""
    course = Course.objects.select_for_update(of=("self",)).select_related("collection", "instructor").get(pk=course.pk)
    if course.collection is None:
        course.collection = collection_create(
            actor=actor,
            name=f"Course {course.pk}: {course.title}"[:200],
            slug=f"course-{course.pk}",
            visibility=Visibility.INVITED,
        )
        course.save(update_fields=["collection"])
        material_open(course=course, actor=actor)
    return course.collection
