"""One view of a running pipeline. DVC says which stages there are; they and their jobs say how far they are (`progress`)."""
