"""Makes a model folder of a fitted scikit-learn pipeline: `from futurisys_pack import pack`."""

from .errors import PackError
from .pack import Packed, pack

__all__ = ['PackError', 'Packed', 'pack']
