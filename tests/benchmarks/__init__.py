"""How fast is it, and compared with what? Measurements that print; ``README.md`` here says how to run and read them."""
