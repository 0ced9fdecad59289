"""Narrows measured on this machine: direct, through Narrows and through a comparator, interleaved in one run.

Absolute figures on a shared machine mean little; the ratios of one run do. `docs/performance.md` says how
each figure is taken and what was expected before it was measured.
"""
