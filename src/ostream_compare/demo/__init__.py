"""The embedded OpenAI-compatible server that the program runs on when there is no key."""
