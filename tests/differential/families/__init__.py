"""One file per command family; each offers FAMILY: (weight, function of Inputs giving the steps of one group)."""
