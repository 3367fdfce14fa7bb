"""Files of the program's own: where they lie and how they are written."""
