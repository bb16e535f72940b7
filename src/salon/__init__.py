"""Salon: a self-hosted, intelligent video-conference platform."""
