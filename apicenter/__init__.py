"""The platform: settings, organizations, tenancy, encryption, errors."""
