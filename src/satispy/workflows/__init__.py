"""The only place where the parts meet; every adapter calls one function here."""
