"""Protections taken away one at a time, each with the test that must notice: `python -m tests.guard.mutations`."""
