"""The container of older Office programs: a file system within the file."""

import io
from contextlib import suppress
from struct import error as struct_error
from struct import unpack_from

import olefile

from documents.errors import BrokenFile
from documents.loaders.charset import decode
from documents.loaders.package import NO_TITLES

# Of the properties ([MS-OLEPS]): where their offset stands, the numbers of two of them, and the kinds of text.
_SECTION, _CODE_PAGE, _TITLE, _MOST_PROPERTIES = 44, 1, 2, 100
_BYTES, _UTF_16 = 0x1E, 0x1F


class Container:
    def __init__(self, data: bytes) -> None:
        self._file = olefile.OleFileIO(io.BytesIO(data))

    def read(self, stream: str) -> bytes:
        """Raises BrokenFile where there is no such stream."""
        if not self._file.exists(stream):
            raise BrokenFile("The file is damaged or incomplete: a part of it is missing.")
        return bytes(self._file.openstream(stream).read())

    def find(self, stream: str) -> bytes:
        return self.read(stream) if self._file.exists(stream) else b""

    def title(self) -> str:
        """The one in the properties, where somebody gave it one. Properties that are damaged cost no text."""
        title = ""
        with suppress(struct_error, OSError):
            title = _title(self.find("\x05SummaryInformation")).partition("\0")[0].strip()
        return "" if title in NO_TITLES else title


def _title(data: bytes) -> str:
    """olefile would read all properties, and take long over numbers that are made up."""
    (section,) = unpack_from("<I", data, _SECTION)
    count = min(unpack_from("<I", data, section + 4)[0], _MOST_PROPERTIES)
    pairs = (unpack_from("<II", data, section + 8 + 8 * number) for number in range(count))
    places = {kind: section + offset for kind, offset in pairs}
    if _TITLE not in places:
        return ""
    kind, length = unpack_from("<II", data, places[_TITLE])
    text = data[places[_TITLE] + 8 :]
    if kind == _UTF_16:
        return text[: 2 * length].decode("utf-16-le", "replace")
    page = unpack_from("<H", data, places[_CODE_PAGE] + 4)[0] if _CODE_PAGE in places else 1252
    return decode(text[:length], f"cp{page}") if kind == _BYTES else ""
