"""Studies: many designs that differ in a few values, run as one, kept and gone on with."""
