"""CDISC SDTM domains into the tables of the contract."""
