"""Charts made of text: pure, drawn by widgets."""
