"""What a process that runs a sweep has loaded and compiled, before any is forked from it."""

import tempfile

import jobs

with tempfile.TemporaryDirectory() as place:
    jobs.in_folder.durable(jobs.law(20), f"{place}/s", progress=False)
