"""Why a file cannot become a document."""

from utils.errors import InvalidInput


class LoadError(InvalidInput):
    """Base of what :func:`documents.loading.load` raises. Trying again with the same file does not help."""

    status = 422
    code = "corrupt"
    title = "The file cannot be read"


class BrokenFile(LoadError):
    code = "corrupt"


class EmptyFile(LoadError):
    code = "empty"


class EncryptedFile(LoadError):
    code = "encrypted"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or "The file is protected by a password. Remove the password and hand it in again.")


class NoTextLayer(LoadError):
    code = "no_text"


class UnknownFileType(LoadError):
    status = 415
    code = "unsupported_type"


class TypeMismatch(LoadError):
    """The name says one type, the content is of none that can be read."""

    status = 415
    code = "type_mismatch"


class FileTooLarge(LoadError):
    status = 413
    code = "too_big"


class TooSlow(LoadError):
    code = "too_slow"


class ToolMissing(LoadError):
    """A program that reads this type is not installed here."""

    code = "tool_missing"

    def __init__(self, detail: str = "", *, package: str = "") -> None:
        super().__init__(detail or f"Reading this type of file needs a program: install the package {package}.")


def load_error(code: str, detail: str) -> LoadError:
    """The error of this code, as it was raised in another process."""
    kinds = {kind.code: kind for kind in LoadError.__subclasses__()}
    return kinds.get(code, BrokenFile)(detail)
