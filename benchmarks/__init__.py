"""What we measure: `make bench`, or `python -m benchmarks --quick`."""
