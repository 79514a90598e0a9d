"""Files: YAML with line numbers, and problems collected before any is raised."""
