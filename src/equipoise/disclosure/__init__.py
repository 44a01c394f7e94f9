"""Small cells: what may not be shown of a study, decided between its estimates and its report."""
