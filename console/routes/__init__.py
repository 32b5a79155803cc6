"""HTTP only: parse, call one action or query, render. `_all` knows them all."""
