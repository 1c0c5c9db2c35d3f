"""One cluster for the tests of this folder: to start workers takes longer than what they do, and to keep them costs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.cluster.running import DaskCluster


@pytest.fixture(scope="package")
def cluster() -> Iterator[DaskCluster]:
    with DaskCluster(workers=2) as made:
        yield made
