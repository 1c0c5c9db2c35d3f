"""What of the package is compiled; everything else about it stands in pyproject.toml."""

from setuptools import Extension, setup

# Where there is no C compiler, these are left out, and core.columns.parsing and numbers do the same, more slowly.
NAMES = ("digesting", "numbering", "scanning", "splitting")
setup(ext_modules=[Extension(f"core.columns.{name}", [f"core/columns/{name}.pyx"], optional=True) for name in NAMES])
