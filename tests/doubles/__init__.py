"""Real servers, clients and networks for tests: what they do is scripted by each request."""
