"""Beyond one machine: runs are read into a dataset and mined by a Dask cluster; the review stays where the reviewer is.

Only this package knows dask, distributed, pyarrow and fsspec (extra `cluster`), and nothing else of the core knows it.
"""
