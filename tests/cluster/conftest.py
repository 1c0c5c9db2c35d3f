"""One cluster for all tests: to start workers takes longer than most of what they do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.cluster.running import DaskCluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[DaskCluster]:
    with DaskCluster(workers=2) as made:
        yield made
