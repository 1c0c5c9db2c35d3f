"""What of the package is compiled; everything else about it stands in pyproject.toml."""

from setuptools import Extension, setup

# Where there is no C compiler, it is left out, and core.columns.parsing does the same, three times as slowly.
setup(ext_modules=[Extension("core.columns.splitting", ["core/columns/splitting.pyx"], optional=True)])
