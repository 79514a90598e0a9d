"""The compiled simulator of the traffic, on numba."""
