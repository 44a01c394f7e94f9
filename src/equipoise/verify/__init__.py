"""The shipped witnesses, rerun on the user's machine: what R printed for two studies beside what this installation gives."""
