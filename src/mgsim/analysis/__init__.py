"""What is computed from models and data: fits, bistability, features of traces."""
