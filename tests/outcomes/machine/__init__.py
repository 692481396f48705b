"""People who act at random on a random series, and what must hold whatever they do.

`stage` has the series and its people; `desk`, `voices`, `aftermath` and `work` have the acts, by who does them;
`picture` is what is stored at one moment, and `invariants` what the domain says of it.
"""
