"""Tests against a real Elasticsearch 8, whose address is ``ELASTICSEARCH_URL``; without it they fail."""
