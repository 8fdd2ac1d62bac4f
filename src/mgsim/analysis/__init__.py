"""What is computed from models and data: fits, kinetic schemes at rest, features of traces."""
