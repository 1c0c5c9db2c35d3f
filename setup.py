"""What of the package is compiled; everything else about it stands in pyproject.toml."""

from pathlib import Path

from setuptools import Extension, setup

# Where there is no C compiler, it is left out, and core.columns.parsing and numbers do the same, more slowly.
PARTS = sorted(map(str, Path("core/columns").glob("*.pxi")))
setup(ext_modules=[Extension("core.columns.compiled", ["core/columns/compiled.pyx"], depends=PARTS, optional=True)])
