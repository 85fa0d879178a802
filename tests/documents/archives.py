"""ZIP archives of parts, for tests."""

import io
import zipfile
from collections.abc import Callable, Mapping


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return file.getvalue()


def with_part(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The archive with one part changed, or added."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts[part] = change(parts.get(part, b""))
    return archive(parts)


def laughs(root: str) -> str:
    """A document type whose entity ``a11`` would be a hundred thousand million times as long as it is."""
    nested = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE {root} [<!ENTITY a0 "lol">{nested}<!ENTITY file SYSTEM "file:///etc/hostname">]>'
