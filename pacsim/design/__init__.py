"""The language: what people write, resolved into sourced values, and built into a model."""
