"""The compiled simulator of traffic: the same rules as the reference, and the same bits."""
