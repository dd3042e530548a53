"""What pip, uv and pipfast say of a failure, and whether pipfast's hint leads out of it."""
