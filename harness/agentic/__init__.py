"""Trials: an agent works on an item in a container, asks its model through ``ask`` alone, and its work is graded."""
