"""Whether the optional packages are there that reading and mining on a cluster needs."""

from __future__ import annotations

from importlib.util import find_spec

from core.model.errors import InputError

PACKAGES = ("cryptography", "dask", "distributed", "pyarrow", "fsspec")


def check_installed() -> None:
    """Raises InputError that says what to install where one of the packages is missing."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise InputError(f"this needs {', '.join(missing)}; install them with: pip install 'assay[cluster]'")
