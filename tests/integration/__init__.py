"""Tests against a real server process, through redis-py and raw sockets."""
