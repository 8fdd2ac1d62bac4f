"""From names, numbers and designs that a user gives to a request that can run."""
