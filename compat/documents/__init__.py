"""Every command and every configuration file of the documents is run, or at least parsed."""
