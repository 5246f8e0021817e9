"""The proof: what is acknowledged is never lost. Each module is a command that ends with its figure."""
