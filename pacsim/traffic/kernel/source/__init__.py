"""Sources of the kernel of traffic: joined into one module and compiled, never imported as such."""
