"""Environments of measuring tools, apart from the product's, made when they are first needed."""

import subprocess
import sys
from pathlib import Path

from benchmarks.serving import ROOT

_HERE = Path(__file__).parent
_PLACE = ROOT / "var" / "benchmarks"


def locust() -> Path:
    """The Python that has Locust."""
    return environment("load", _HERE / "requirements.txt")


def environment(name: str, requirements: Path, *, hashes: bool = True) -> Path:
    """The Python of an environment with these packages; made anew once they are others."""
    place = _PLACE / name
    made = place / "made.txt"
    if not made.exists() or made.read_text() != requirements.read_text():
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(place))
        sure = ["--require-hashes"] if hashes else []
        _uv("pip", "install", "--quiet", *sure, "--python", _python(place), "-r", str(requirements))
        made.write_text(requirements.read_text())
    return Path(_python(place))


def servers() -> Path:
    """A folder with other servers of ASGI and WSGI, for the product's own Python."""
    place, requirements = _PLACE / "servers", _HERE / "servers.txt"
    if not place.exists():
        options = ["--require-hashes", "--no-deps", "--target", str(place), "--python", sys.executable]
        _uv("pip", "install", "--quiet", *options, "-r", str(requirements))
    return place


def _python(place: Path) -> str:
    return str(place / "bin" / "python")


def _uv(*command: str) -> None:
    subprocess.run([str(Path(sys.executable).parent / "uv"), *command], cwd=ROOT, check=True)  # noqa: S603
