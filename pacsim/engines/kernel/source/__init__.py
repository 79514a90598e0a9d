"""Sources of the kernel: plain Python that `pacsim.engines.kernel.compile` turns into one module.

They import one another like any modules, so that linters and readers see them whole; what runs is
the joined text, with unsigned indices and every helper inlined.
"""
