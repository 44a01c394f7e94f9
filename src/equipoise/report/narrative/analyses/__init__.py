"""What was estimated, in the sentences of the Methods."""
