"""Assertions as Parquet files, each track whole in one of them, and the states they amount to, part by part."""
