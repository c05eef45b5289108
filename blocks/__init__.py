"""Typed Prefect configuration that builds objects of the desk."""
