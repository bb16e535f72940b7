"""Salon: a self-hosted, intelligent video-conference platform."""

__version__ = "0.1.0"
