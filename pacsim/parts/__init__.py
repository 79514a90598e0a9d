"""Parts: a module each with its slots, its automaton and what it leaves out, by type."""
