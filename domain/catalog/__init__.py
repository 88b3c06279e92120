"""The catalog: rules, facts, technologies and screening topics as one value, and what texts name of it."""

from domain.catalog.catalog_value import Catalog

__all__ = ["Catalog"]
