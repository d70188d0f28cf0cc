"""The API over HTTP.

`connection` carries, `errors` names what can go wrong; each other module is one part of the
contract: typed answers, and the functions that ask for them.
"""
