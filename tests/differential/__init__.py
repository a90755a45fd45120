"""Generated command sequences given to redis-server and Tidemark side by side; the replies must be the same."""
