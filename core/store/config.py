"""Where the choices and the key of one person are kept, apart from every workspace."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

VARIABLE = "ASSAY_CONFIG_DIR"
"""The environment variable that sets another folder."""

HOMELESS = Path("/nonexistent/assay")
"""The folder of a person without a home, as in a container that runs as any user: nothing is in it, or ever will be."""


def config_folder() -> Path:
    """The folder of the person who runs the program."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    try:
        usual = Path(platformdirs.user_config_dir("assay", appauthor=False))
    except RuntimeError:
        return HOMELESS
    return usual if usual.is_absolute() else HOMELESS  # some versions leave the ~ as it is
