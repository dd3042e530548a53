"""pip's functional tests, with a shim as the pip of each environment."""
