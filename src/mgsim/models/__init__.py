"""Named assemblies of parts, a file for each kind."""
