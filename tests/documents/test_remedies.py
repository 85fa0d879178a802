"""The admin site says what to do about an error in the handbook's words."""

import pytest

from documents.remedies import remedy

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("no_text", "Install Tesseract on the server, or run OCR on the file first."),
        ("slug_taken", "Choose another slug."),
        ("store_corrupt", "Run manage.py rebuild_index."),
        ("no_such_code", ""),
    ],
)
def test_the_remedy_of_a_code(code: str, says: str) -> None:
    assert remedy(code) == says
