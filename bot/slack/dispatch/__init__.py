"""From a request to its answer: who may ask, which listener answers, and refusals in words."""
