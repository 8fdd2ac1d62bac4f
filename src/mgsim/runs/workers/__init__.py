"""Batches run by other processes: of this machine, or of a dask.distributed cluster."""
