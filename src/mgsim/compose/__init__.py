"""What is run, put together from parts: places, assemblies, models, protocols, measures."""
