#!/usr/bin/env bash
# Makes results_r.csv of both witnesses anew: exports each study and runs its script in R (4.2.2, survival 3.5-3, cmprsk 2.2-11).
# usage: make_witnesses.sh     in the root of the project, with equipoise on the PATH
set -eu
here=$(dirname "$0"); dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
for study in "gbsg2 $here/gbsg2/study.yaml" "founding $here/../founding/study.yaml"; do
  set -- $study
  equipoise export "$2" --to r --out "$dir/$1"
  (cd "$dir/$1" && Rscript reproduce.R)
  cp "$dir/$1/results_r.csv" "$here/$1/results_r.csv"
done
