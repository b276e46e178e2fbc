"""The agents there are, one file each."""
