"""An independent benchmark-reproduction harness: does a vendor's published number hold?"""

__version__ = "0.1.0"
