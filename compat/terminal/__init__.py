"""What a person sees: recordings of runs on a pseudo-terminal."""
