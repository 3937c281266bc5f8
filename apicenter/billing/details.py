"""Who an invoice goes to."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from apicenter.vat_numbers import COUNTRIES, is_of, spelled

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
Optional = Annotated[str, StringConstraints(strip_whitespace=True, max_length=150)]


class Details(BaseModel):
    """The billing details of an organization. A VAT number must be one of its country."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    company: Line
    street: Line
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
    city: Line
    country: str
    vat_number: Optional = ""
    email: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    reference: Optional = Field("")

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, values: object) -> object:
        if isinstance(values, dict) and values.get("vat_number"):
            number = spelled(str(values["vat_number"]), country=str(values.get("country", "")))
            return {**values, "vat_number": number}
        return values

    @model_validator(mode="after")
    def _fits_its_country(self) -> Details:
        if self.country not in COUNTRIES:
            raise ValueError(f"country: {self.country or 'nothing'} is not one we invoice to")
        if self.vat_number and not is_of(self.vat_number, self.country):
            raise ValueError(f"vat_number: is not a VAT number of {self.country}")
        return self
