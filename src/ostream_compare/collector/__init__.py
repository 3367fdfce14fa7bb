"""The child process that makes the calls, and the parent's end of its pipe."""
