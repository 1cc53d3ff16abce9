"""What every part of the program stands on: errors, array types, caches, devices, tasks."""
