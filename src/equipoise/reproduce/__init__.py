"""The study again in another program: an analysis data set and a script in R or SAS that regenerates the results."""
