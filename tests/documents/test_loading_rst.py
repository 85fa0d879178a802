"""reStructuredText is read without the marks of its syntax, and reads nothing else."""

from pathlib import Path

import pytest

from documents.blocks import Block
from documents.loading import load

pytestmark = pytest.mark.once


def blocks(source: str) -> tuple[Block, ...]:
    return load(source.encode(), "a.rst").blocks


def test_headings_paragraphs_lists_and_code_are_read() -> None:
    source = """\
Guide
=====

Some *important* text, see ``code`` and `a link <https://example.org>`_.

First
-----

* one

  1. inner
  2. next

* two

term
   What it means.

.. code-block:: python

   if x:
       y

.. note:: Mind this.
"""
    assert blocks(source) == (
        Block("heading", "Guide", level=1),
        Block("paragraph", "Some important text, see code and a link."),
        Block("heading", "First", level=2),
        Block("list", "- one\n  1. inner\n  2. next\n- two"),
        Block("list", "- term:\n  What it means."),
        Block("code", "if x:\n    y"),
        Block("paragraph", "Mind this."),
    )
    assert load(source.encode(), "a.rst").title == "Guide"


def test_tables_become_rows() -> None:
    source = "=====  =====\nPlan   Price\n=====  =====\nBasic  5\nPro    9\n=====  ====="
    assert blocks(source) == (Block("table", "| Plan | Price |\n|-|-|\n| Basic | 5 |\n| Pro | 9 |"),)


def test_roles_of_other_programs_leave_their_text() -> None:
    assert blocks("See :ref:`the page <label>` and :doc:`more`.") == (Block("paragraph", "See the page and more."),)


def test_comments_and_labels_are_left_out() -> None:
    assert blocks(".. a comment\n\n.. _label:\n\nText.") == (Block("paragraph", "Text."),)


def test_no_other_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush")
    source = (
        f"Text.\n\n.. include:: {secret}\n\n.. literalinclude:: {secret}\n\n.. raw:: html\n   :file: {secret}\n\n"
        f".. csv-table::\n   :file: {secret}\n\n.. raw:: html\n\n   <b>raw</b>\n"
    )
    assert "hush" not in "".join(block.text for block in blocks(source))
