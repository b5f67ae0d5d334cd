"""Chat models: any OpenAI-compatible endpoint, a script, or the playbook."""
