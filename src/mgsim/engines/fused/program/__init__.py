"""What a kernel computes: arithmetic as a graph, joined where it can be."""
