"""ZIP archives: each file that can be read, under its path."""

import logging
import zipfile
from collections.abc import Iterator

from documents.blocks import Block, LoadedDocument
from documents.errors import EmptyFile, LoadError
from documents.loaders.archive_safety import is_plain_file, open_archive
from documents.loaders.base import Loader
from documents.loaders.charset import decode
from documents.loaders.rendering import under_heading
from documents.reading import read_inside

logger = logging.getLogger(__name__)
_UTF8 = 0x800


class ArchiveLoader(Loader):
    """Members that cannot be read are passed over as long as there is one that can."""

    def load(self, data: bytes, name: str) -> LoadedDocument:
        blocks: list[Block] = []
        refused: list[LoadError] = []
        for path, content in _members(open_archive(data)):
            try:
                if isinstance(content, LoadError):
                    raise content
                blocks += under_heading(path, read_inside(content, path).blocks)
            except LoadError as error:
                logger.info("A file in an archive is passed over: %s (%s)", path, error.code)
                refused.append(error)
        if not blocks:
            raise _reason(refused)
        return LoadedDocument("", tuple(blocks))


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes | LoadError]]:
    for part in archive.infolist():
        path = _path(part)
        hidden = any(folder.startswith(".") or folder == "__MACOSX" for folder in path.split("/"))
        if hidden or not is_plain_file(part):
            continue
        try:
            yield path, archive.read(part)
        except Exception as error:  # zlib, lzma and bz2 have errors of their own
            yield path, LoadError(f"{path} is damaged: {type(error).__name__}.")


def _path(part: zipfile.ZipInfo) -> str:
    """The name as it was meant: where it is not marked as UTF-8, in whatever encoding the writer's machine had."""
    name = part.filename
    if not part.flag_bits & _UTF8 and not name.isascii():
        name = decode(name.encode("cp437", "replace"))
    return name.replace("\\", "/")


def _reason(refused: list[LoadError]) -> LoadError:
    """Why none could be read."""
    if not refused:
        return EmptyFile("There is no file in the archive.")
    kinds = {error.code for error in refused}
    if len(kinds) == 1:
        return type(refused[0])(f"No file in the archive can be read. {refused[0].detail}")
    return EmptyFile("No file in the archive can be read.")
