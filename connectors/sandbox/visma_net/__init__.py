"""The fake Visma.net: the sign-in service, the ERP gateway (v1, v2) and the separate sales order service (v3)."""
