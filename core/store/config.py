"""Where the choices and the key of one person are kept, apart from every workspace."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

VARIABLE = "ASSAY_CONFIG_DIR"
"""The environment variable that sets another folder."""


def config_folder() -> Path:
    """The folder of the person who runs the program."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(platformdirs.user_config_dir("assay", appauthor=False))
