"""What the environment says, for the modules of the settings."""

from pathlib import Path

from config.env import read

ENV = read()
DATA_DIR: Path = ENV.data_dir.resolve()
