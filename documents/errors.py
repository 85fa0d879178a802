"""Why a file cannot become a document."""

from utils.errors import InvalidInput


class LoadError(InvalidInput):
    """Base of what :func:`documents.loading.load` raises. Trying again with the same file does not help."""

    status = 422
    code = "broken_file"
    title = "The file cannot be read"


class BrokenFile(LoadError):
    code = "broken_file"


class EmptyFile(LoadError):
    code = "empty_file"


class EncryptedFile(LoadError):
    code = "encrypted_file"

    def __init__(self) -> None:
        super().__init__("The file is protected by a password. Remove the password and hand it in again.")


class NoTextLayer(LoadError):
    code = "no_text_layer"


class UnknownFileType(LoadError):
    status = 415
    code = "unknown_file_type"


class FileTooLarge(LoadError):
    status = 413
    code = "file_too_large"
