"""Whether a document that we issued is true: for whoever is shown one."""
