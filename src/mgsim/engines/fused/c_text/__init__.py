"""What a kernel computes, as C."""
