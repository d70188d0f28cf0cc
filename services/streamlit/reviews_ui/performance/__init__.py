"""The views of the page *Reporting et alertes*: each asks for what it shows, once it is opened.

`verdict` stands above them; `views` says which there are.
"""
