"""Foundations of every other package: errors, array types, caches, devices, tasks."""
