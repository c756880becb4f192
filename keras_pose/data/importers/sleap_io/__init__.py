"""SLEAP, NWB (ndx-pose) and JABS files, read with the library sleap-io, which is imported only when it is needed."""
