"""C to a library: compilers, and where what they made is kept."""
