"""Programs of other projects that read what no library of ours can."""

import shutil
import subprocess
from collections.abc import Sequence

from documents.errors import BrokenFile, ToolMissing, TooSlow


def installed(program: str) -> bool:
    return shutil.which(program) is not None


def run(program: str, arguments: Sequence[str], *, package: str, data: bytes = b"", seconds: float = 30) -> bytes:
    """What the program prints, given ``data`` as its input. It shares the limits of this process and dies with it.

    ``package`` is what Debian calls the package that has it. Raises ToolMissing, TooSlow, BrokenFile.
    """
    path = shutil.which(program)
    if path is None:
        raise ToolMissing(package=package)
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and no argument comes from the file
            [path, *arguments], input=data, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TooSlow(f"The program {program} took too long over the file.") from error
    if done.returncode:
        raise BrokenFile(f"The file is damaged: the program {program} cannot read it.")
    return done.stdout
