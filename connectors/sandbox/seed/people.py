"""The customers both fakes know: companies of four countries, and people who buy for themselves. All invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Company:
    """A customer that is a firm. `vat_number` and `registration` are in plain spelling: "BE0899623035"."""

    number: int  # 1-based; the first fifteen are customers of the Visma.net company too
    name: str
    vat_number: str
    registration: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    country: str
    language: str

    @property
    def domain(self) -> str:
        return self.email.partition("@")[2]


@dataclass(frozen=True)
class Person:
    """A customer who is a private person; `company` is the number of the firm they work for, 0 for none."""

    number: int
    first_name: str
    last_name: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    country: str
    language: str
    company: int = 0


_COMPANIES = """
Atelier Lumen|BE|Ghent|9000|Coupure Links 112|atelierlumen|nl
Bakkerij Van Hove|BE|Mechelen|2800|Bruul 45|bakkerijvanhove|nl
Brasserie Le Platane|BE|Liège|4000|Rue Saint-Gilles 78|leplatane|fr
Café Zuiderlicht|BE|Antwerp|2000|Marnixplaats 9|zuiderlicht|nl
Kantoorinrichting De Wilg|BE|Leuven|3000|Diestsestraat 201|dewilg|nl
Hôtel des Trois Ponts|BE|Namur|5000|Rue de Fer 31|troisponts|fr
Interieur Maes & Zonen|BE|Bruges|8000|Langestraat 150|maesinterieur|nl
Architectenbureau Noordzij|NL|Rotterdam|3011 AA|Wijnhaven 21|noordzijarchitecten|nl
Woonwinkel Vlieland|NL|Utrecht|3511 AB|Oudegracht 303|woonwinkelvlieland|nl
Lichtstudio Amstel|NL|Amsterdam|1017 BV|Prinsengracht 688|lichtstudioamstel|nl
Galerie Beaulieu|FR|Lille|59800|Rue Esquermoise 17|galeriebeaulieu|fr
Ébénisterie Dumont|FR|Roubaix|59100|Avenue Jean Lebas 54|ebenisteriedumont|fr
Möbelhaus Krüger|DE|Aachen|52062|Großkölnstraße 33|moebelhaus-krueger|de
Lichtplanung Weiß|DE|Köln|50667|Hohe Straße 88|lichtplanung-weiss|de
Praktijk De Linde|BE|Ghent|9000|Kortrijksesteenweg 610|praktijkdelinde|nl
Restaurant Ter Kade|BE|Ostend|8400|Visserskaai 12|terkade|nl
Studio Vermeulen|BE|Hasselt|3500|Kapelstraat 27|studiovermeulen|nl
Boulangerie Petit Matin|BE|Brussels|1050|Chaussée d'Ixelles 219|petitmatin|fr
Bouwgroep Schelde|BE|Antwerp|2030|Noorderlaan 147|bouwgroepschelde|nl
Coiffure Élégance|BE|Mons|7000|Grand-Rue 62|coiffure-elegance|fr
De Groene Kamer|BE|Kortrijk|8500|Leiestraat 14|degroenekamer|nl
Drukkerij Opsomer|BE|Ghent|9040|Land van Waaslaan 75|drukkerijopsomer|nl
École du Faubourg|BE|Charleroi|6000|Boulevard Tirou 101|ecoledufaubourg|fr
Fietsenhuis Pauwels|BE|Aalst|9300|Molenstraat 38|fietsenhuispauwels|nl
Garage Lambrechts|BE|Genk|3600|Europalaan 92|garagelambrechts|nl
Hoeve Ten Bosch|BE|Ronse|9600|Kruisstraat 240|hoevetenbosch|nl
Immo Delacroix|BE|Brussels|1000|Rue Royale 180|immodelacroix|fr
Jachthaven Blankaart|BE|Nieuwpoort|8620|Kaai 55|blankaart|nl
Kinderopvang Zonnebloem|BE|Turnhout|2300|Gemeentestraat 19|kozonnebloem|nl
Librairie du Parc|BE|Liège|4020|Quai Mativa 22|librairieduparc|fr
Tandartsen Vrijthof|NL|Maastricht|6211 LD|Vrijthof 15|tandartsenvrijthof|nl
Hotel De Witte Raaf|NL|Breda|4811 XL|Grote Markt 40|dewitteraaf|nl
Meubelmakerij Ooststroom|NL|Groningen|9711 LM|Oosterstraat 67|ooststroom|nl
Kapsalon Jansen & De Boer|NL|Eindhoven|5611 GE|Demer 28|jansendeboer|nl
Boerderijwinkel Texel|NL|Den Burg|1791 AH|Weverstraat 5|boerderijtexel|nl
Clinique Saint-Rémi|FR|Reims|51100|Rue de Vesle 130|clinique-saintremi|fr
Maison Fournier|FR|Dunkerque|59140|Place Jean Bart 8|maisonfournier|fr
Cave du Nord|FR|Valenciennes|59300|Rue de Paris 44|cavedunord|fr
Gasthaus Eifelblick|DE|Monschau|52156|Stadtstraße 19|gasthaus-eifelblick|de
Buchhandlung Nordlicht|DE|Düsseldorf|40213|Bolkerstraße 47|buchhandlung-nordlicht|de
Zahnarztpraxis Dr. Schäfer|DE|Bonn|53111|Sternstraße 60|praxis-schaefer|de
Bergen Interiør|NO|Bergen|5003|Torggaten 16|bergeninterior|en
"""
_PERSONS = """
Annelies|Verstraete|BE|Ghent|9000|Sint-Pietersnieuwstraat 41|nl|1
Thomas|De Smet|BE|Mechelen|2800|Hoogstraat 12|nl|2
Élodie|Lacroix|BE|Liège|4000|Rue Léopold 8|fr|3
Pieter|Van den Broeck|BE|Antwerp|2018|Lange Leemstraat 120|nl|0
Sofie|Claes|BE|Leuven|3000|Naamsestraat 55|nl|0
François|Dubois|BE|Namur|5000|Rue des Carmes 3|fr|0
Jan|Peeters|BE|Bruges|8000|Ezelstraat 71|nl|0
Femke|Bakker|NL|Rotterdam|3012 CN|Mauritsweg 34|nl|8
Daan|Visser|NL|Utrecht|3512 JE|Nobelstraat 9|nl|0
Lotte|Mulder|NL|Amsterdam|1016 GX|Keizersgracht 212|nl|0
Camille|Bernard|FR|Lille|59000|Rue de Béthune 66|fr|0
Mathieu|Lefèvre|FR|Roubaix|59100|Rue de Lannoy 25|fr|12
Jürgen|Schröder|DE|Aachen|52064|Theaterstraße 18|de|0
Katrin|Böhm|DE|Köln|50672|Ehrenstraße 29|de|0
Emma|Wouters|BE|Hasselt|3500|Demerstraat 40|nl|0
Noor|El Amrani|BE|Brussels|1080|Chaussée de Gand 15|fr|0
Lucas|Goossens|BE|Kortrijk|8500|Doorniksestraat 63|nl|0
Ingrid|Haugen|NO|Oslo|0159|Karl Johans gate 11|en|0
"""
_ASCII = str.maketrans("éèëÉöüçø ", "eeeEouco-")


def companies() -> list[Company]:
    """The 42 firms, always the same."""
    return [_company(number, line.split("|")) for number, line in enumerate(_COMPANIES.strip().splitlines(), 1)]


def persons() -> list[Person]:
    """The 18 people, always the same."""
    return [_person(number, line.split("|")) for number, line in enumerate(_PERSONS.strip().splitlines(), 1)]


def _company(number: int, row: list[str]) -> Company:
    name, country, city, postal_code, street, domain, language = row
    vat_number, registration = _numbers(country, number)
    return Company(
        number=number,
        name=name,
        vat_number=vat_number,
        registration=registration,
        email=f"info@{domain}.example",
        phone=_phone(country, number),
        street=street,
        postal_code=postal_code,
        city=city,
        country=country,
        language=language,
    )


def _person(number: int, row: list[str]) -> Person:
    first_name, last_name, country, city, postal_code, street, language, company = row
    return Person(
        number=number,
        first_name=first_name,
        last_name=last_name,
        email=f"{first_name}.{last_name}@post.example".lower().translate(_ASCII),
        phone=_phone(country, 500 + number),
        street=street,
        postal_code=postal_code,
        city=city,
        country=country,
        language=language,
        company=int(company),
    )


def _numbers(country: str, number: int) -> tuple[str, str]:
    """VAT and registration number, with the check digits each country asks for where they are simple."""
    if country == "BE":
        base = 8_996_230 + number * 7_919
        digits = f"0{base:07d}{97 - base % 97:02d}"
        return f"BE{digits}", digits
    if country == "NL":
        return f"NL{812_345_000 + number * 137:09d}B01", f"{24_310_000 + number * 311:08d}"
    if country == "FR":
        siren = 512_340_000 + number * 271
        return f"FR{(12 + 3 * (siren % 97)) % 97:02d}{siren}", str(siren)
    if country == "DE":
        return f"DE{136_690_000 + number * 431}", f"HRB {12_000 + number * 13}"
    return f"NO{912_345_000 + number * 91}MVA", str(912_345_000 + number * 91)


def _phone(country: str, number: int) -> str:
    prefix = {"BE": "+32 9", "NL": "+31 10", "FR": "+33 3", "DE": "+49 241", "NO": "+47 22"}[country]
    digits = f"{2_000_000 + number * 7_351 % 7_000_000:07d}"
    return f"{prefix} {digits[:3]} {digits[3:5]} {digits[5:]}"
